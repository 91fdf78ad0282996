# SPDX-License-Identifier: Apache-2.0
# awk -v into=FOLDER -f chapters.awk README: takes the section «Use it» apart. A chapter (### TITLE) with fenced blocks
# becomes the folder FOLDER/TITLE, which has them in their order: NN.sh are commands, NN.program is a program of which
# NN.file says where it is saved: what stood in `backticks` last. A block of no language becomes `said`, what a program
# prints. Blocks before the first chapter are in FOLDER/all.

function begin(title) {
    folder = into "/" title
    blocks = 0
}

block != "" && /^```$/ { close(block); block = ""; next }
block != "" { print > block; next }

/^## / { inside = ($0 == "## Use it"); begin("all") }
!inside { next }
/^### / { begin(substr($0, 5)) }

/^```/ {
    if (!blocks++)
        system("mkdir -p '" folder "'")
    language = substr($0, 4)
    block = sprintf("%s/%02d", folder, blocks)
    if (language == "")
        block = folder "/said"
    else if (language == "sh")
        block = block ".sh"
    else {
        print file > (block ".file")
        close(block ".file")
        block = block ".program"
    }
    printf "" > block
    next
}

match($0, /.*`[^`]+`/) {
    file = substr($0, 1, RLENGTH - 1)
    sub(/.*`/, "", file)
}
