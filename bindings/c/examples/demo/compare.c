/* SPDX-License-Identifier: Apache-2.0 */
/* compare CLIENTS REPORTS: holds the clients' ledger against the sums of the reports. */
#include "ledger.h"

#include <stdio.h>

int main(int argc, char **argv) {
    struct ledger clients = {0}, reports = {0};
    bool equal = false;

    if (argc != 3) {
        fprintf(stderr, "usage: compare CLIENTS REPORTS\n");
        return 2;
    }
    if (ledger_read(&clients, argv[1]) && ledger_read(&reports, argv[2]))
        equal = ledger_compare(&clients, "clients", &reports, "reports", false);
    ledger_free(&clients);
    ledger_free(&reports);
    return equal ? 0 : 1;
}
