// Keeps the shipped binary loadable on older Linux systems than the one it was built on.

#include <cstdlib>

#if defined(__linux__) && defined(__GLIBCXX__)
#include <exception>
namespace std {
// GCC 11 and newer call this from inlined containers; the libstdc++ of older systems does not have it.
__attribute__((weak, visibility("hidden"))) void __throw_bad_array_new_length() { std::terminate(); }
}  // namespace std
#endif
