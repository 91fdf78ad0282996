// SPDX-License-Identifier: Apache-2.0
#include "life.hpp"

#include "place.hpp"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace soak {

Life::Life(const std::vector<std::string> &words, const std::string &log, int inherited) {
    std::vector<char *> arguments;
    for (const std::string &word : words)
        arguments.push_back(const_cast<char *>(word.c_str()));
    arguments.push_back(nullptr);
    pid_ = fork();
    if (pid_ < 0)
        give_up("fork");
    if (pid_ != 0)
        return;
    const int to = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (to >= 0)
        dup2(to, 2);
    if (inherited >= 0)
        fcntl(inherited, F_SETFD, 0);
    execv(arguments[0], arguments.data());
    _exit(127);
}

Life::Life(Life &&other) noexcept : pid_(other.pid_), status_(other.status_) { other.pid_ = -1; }

Life::~Life() { kill(); }

bool Life::lives() {
    int status;
    if (pid_ < 0)
        return false;
    if (waitpid(pid_, &status, WNOHANG) != pid_)
        return true;
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    pid_ = -1;
    return false;
}

void Life::kill() {
    if (pid_ < 0)
        return;
    ::kill(pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
}

int Life::wait_for_end(int seconds) {
    const int fd = pid_ < 0 ? -1 : static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
    if (fd >= 0) {
        pollfd ended = {fd, POLLIN, 0};
        poll(&ended, 1, seconds * 1000);
        close(fd);
    }
    if (lives())
        kill();
    return status_;
}

} // namespace soak
