// SPDX-License-Identifier: Apache-2.0
#include "api/lookup.hpp"
#include "api/refused_adds.hpp"
#include "report/metrics_text.hpp"

#include <cstring>

using namespace lkstats;
using namespace lkstats::api;

extern "C" {

lkstats_status_t lkstats_metrics(lkstats_t *ctx, uint32_t format, char *buffer, uint64_t capacity,
                                 uint64_t *need) {
    if (ctx == nullptr || need == nullptr || format > LKSTATS_METRICS_PROMETHEUS)
        return LKSTATS_EINVAL;
    return in_context(ctx, [&](Context &context) -> lkstats_status_t {
        report::Figures figures = context.figures();
        figures.refused_adds = refused_adds();
        const std::string text = report::metrics_text(figures, context.node(), format);
        *need = text.size();
        if (capacity < text.size())
            return LKSTATS_ERANGE;
        if (buffer == nullptr)
            return LKSTATS_EINVAL;
        std::memcpy(buffer, text.data(), text.size());
        return LKSTATS_OK;
    });
}

} // extern "C"
