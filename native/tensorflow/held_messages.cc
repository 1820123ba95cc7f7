#include "held_messages.h"

#ifdef _WIN32

HeldMessages::HeldMessages() {}
HeldMessages::~HeldMessages() {}

#else

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <string>

namespace {

const int kDeadly[] = {SIGABRT, SIGILL, SIGSEGV, SIGBUS};
constexpr int kCount = sizeof kDeadly / sizeof *kDeadly;
struct sigaction before[kCount];
int held = -1;
int real = -1;

// Only what is allowed in a signal handler.
void passOnAndDie(int signal) {
  char text[4096];
  lseek(held, 0, SEEK_SET);
  for (ssize_t length; (length = read(held, text, sizeof text)) > 0;)
    if (write(real, text, static_cast<size_t>(length)) < 0) break;
  for (int i = 0; i < kCount; i++) sigaction(kDeadly[i], &before[i], nullptr);
  raise(signal);
}

bool isRemark(const std::string& line) {
  return line.rfind("WARNING: All log messages before absl::InitializeLog()", 0) == 0 || line.rfind("I0000 ", 0) == 0;
}

}  // namespace

HeldMessages::HeldMessages() {
  FILE* file = tmpfile();
  if (!file) return;
  held = dup(fileno(file));
  fclose(file);
  real = dup(STDERR_FILENO);
  if (held < 0 || real < 0 || dup2(held, STDERR_FILENO) < 0) return;
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = passOnAndDie;
  for (int i = 0; i < kCount; i++) sigaction(kDeadly[i], &action, &before[i]);
}

HeldMessages::~HeldMessages() {
  if (held < 0) return;
  for (int i = 0; i < kCount; i++) sigaction(kDeadly[i], &before[i], nullptr);
  if (real >= 0) dup2(real, STDERR_FILENO);
  std::string text;
  char part[4096];
  lseek(held, 0, SEEK_SET);
  for (ssize_t length; (length = read(held, part, sizeof part)) > 0;) text.append(part, static_cast<size_t>(length));
  std::string rest;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    const std::string line = text.substr(at, end == std::string::npos ? end : end + 1 - at);
    if (!isRemark(line)) rest += line;
    at += line.size();
  }
  if (!rest.empty() && write(STDERR_FILENO, rest.data(), rest.size()) < 0) rest.clear();
  close(held);
  close(real);
  held = real = -1;
}

#endif
