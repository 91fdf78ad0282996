// SPDX-License-Identifier: Apache-2.0
//! The two texts of a metrics endpoint.

use lkstats_sys as sys;

/// The same figures in one of two texts; none satisfies both kinds of reader.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MetricsFormat {
    /// `application/openmetrics-text; version=1.0.0; charset=utf-8`
    #[default]
    OpenMetrics,
    /// `text/plain; version=0.0.4; charset=utf-8`, for older scrapers and promtool.
    Prometheus,
}

impl MetricsFormat {
    /// What an HTTP endpoint says in Content-Type.
    pub fn content_type(self) -> &'static str {
        match self {
            MetricsFormat::OpenMetrics => {
                "application/openmetrics-text; version=1.0.0; charset=utf-8"
            }
            MetricsFormat::Prometheus => "text/plain; version=0.0.4; charset=utf-8",
        }
    }

    pub(crate) fn raw(self) -> u32 {
        match self {
            MetricsFormat::OpenMetrics => sys::LKSTATS_METRICS_OPENMETRICS,
            MetricsFormat::Prometheus => sys::LKSTATS_METRICS_PROMETHEUS,
        }
    }
}
