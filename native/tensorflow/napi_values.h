// Values of JavaScript in C++ and back. What does not fit throws a `Failure`, which the entry point turns into an Error.
#pragma once

#include <node_api.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

inline void check(napi_status status, const char* what) {
  if (status != napi_ok) throw Failure(std::string(what));
}

// The arguments of a call, at most 24.
class Arguments {
 public:
  Arguments(napi_env env, napi_callback_info info) : env(env) {
    check(napi_get_cb_info(env, info, &count_, values_, nullptr, nullptr), "no arguments");
  }
  napi_env env;
  size_t count() const { return count_ < kMost ? count_ : kMost; }
  napi_value at(size_t i) const {
    if (i >= count()) throw Failure("argument " + std::to_string(i) + " is missing");
    return values_[i];
  }
  int64_t integer(size_t i) const {
    int64_t value;
    check(napi_get_value_int64(env, at(i), &value), "a whole number was expected");
    return value;
  }
  double number(size_t i) const {
    double value;
    check(napi_get_value_double(env, at(i), &value), "a number was expected");
    return value;
  }
  bool flag(size_t i) const {
    bool value;
    check(napi_get_value_bool(env, at(i), &value), "a boolean was expected");
    return value;
  }

 private:
  static constexpr size_t kMost = 24;
  size_t count_ = kMost;
  napi_value values_[kMost];
};

std::string textOf(napi_env env, napi_value value);
int64_t integerOf(napi_env env, napi_value value);
double numberOf(napi_env env, napi_value value);
bool flagOf(napi_env env, napi_value value);
bool isArray(napi_env env, napi_value value);
uint32_t lengthOf(napi_env env, napi_value array);
napi_value elementOf(napi_env env, napi_value array, uint32_t index);
napi_value propertyOf(napi_env env, napi_value object, const char* name);
std::vector<int64_t> integersOf(napi_env env, napi_value array);

// Memory of a typed array, valid during the call.
struct View {
  napi_typedarray_type type;
  size_t length;
  void* data;
};
View viewOf(napi_env env, napi_value typedArray);
// The same, and the type must fit; throws otherwise.
const float* floatsOf(napi_env env, napi_value typedArray, size_t atLeast);
const int32_t* int32sOf(napi_env env, napi_value typedArray, size_t atLeast);

napi_value toNumber(napi_env env, double value);
napi_value toText(napi_env env, const std::string& text);
napi_value toShape(napi_env env, const std::vector<int64_t>& shape);
napi_value newObject(napi_env env);
void set(napi_env env, napi_value object, const char* name, napi_value value);
