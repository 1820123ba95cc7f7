#include "napi_values.h"

std::string textOf(napi_env env, napi_value value) {
  size_t length;
  check(napi_get_value_string_utf8(env, value, nullptr, 0, &length), "a string was expected");
  std::string text(length, '\0');
  check(napi_get_value_string_utf8(env, value, &text[0], length + 1, &length), "a string was expected");
  return text;
}

int64_t integerOf(napi_env env, napi_value value) {
  int64_t result;
  check(napi_get_value_int64(env, value, &result), "a whole number was expected");
  return result;
}

double numberOf(napi_env env, napi_value value) {
  double result;
  check(napi_get_value_double(env, value, &result), "a number was expected");
  return result;
}

bool flagOf(napi_env env, napi_value value) {
  bool result;
  check(napi_get_value_bool(env, value, &result), "a boolean was expected");
  return result;
}

bool isArray(napi_env env, napi_value value) {
  bool result = false;
  napi_is_array(env, value, &result);
  return result;
}

uint32_t lengthOf(napi_env env, napi_value array) {
  uint32_t length;
  check(napi_get_array_length(env, array, &length), "an array was expected");
  return length;
}

napi_value elementOf(napi_env env, napi_value array, uint32_t index) {
  napi_value value;
  check(napi_get_element(env, array, index, &value), "an array was expected");
  return value;
}

napi_value propertyOf(napi_env env, napi_value object, const char* name) {
  napi_value value;
  check(napi_get_named_property(env, object, name, &value), "an object was expected");
  return value;
}

std::vector<int64_t> integersOf(napi_env env, napi_value array) {
  std::vector<int64_t> result(lengthOf(env, array));
  for (uint32_t i = 0; i < result.size(); i++) result[i] = integerOf(env, elementOf(env, array, i));
  return result;
}

View viewOf(napi_env env, napi_value typedArray) {
  View view;
  check(napi_get_typedarray_info(env, typedArray, &view.type, &view.length, &view.data, nullptr, nullptr),
        "a typed array was expected");
  return view;
}

const float* floatsOf(napi_env env, napi_value typedArray, size_t atLeast) {
  const View view = viewOf(env, typedArray);
  if (view.type != napi_float32_array || view.length < atLeast) throw Failure("a longer Float32Array was expected");
  return static_cast<const float*>(view.data);
}

const int32_t* int32sOf(napi_env env, napi_value typedArray, size_t atLeast) {
  const View view = viewOf(env, typedArray);
  if (view.type != napi_int32_array || view.length < atLeast) throw Failure("a longer Int32Array was expected");
  return static_cast<const int32_t*>(view.data);
}

napi_value toNumber(napi_env env, double value) {
  napi_value result;
  check(napi_create_double(env, value, &result), "out of memory");
  return result;
}

napi_value toText(napi_env env, const std::string& text) {
  napi_value result;
  check(napi_create_string_utf8(env, text.data(), text.size(), &result), "out of memory");
  return result;
}

napi_value toShape(napi_env env, const std::vector<int64_t>& shape) {
  napi_value result;
  check(napi_create_array_with_length(env, shape.size(), &result), "out of memory");
  for (uint32_t i = 0; i < shape.size(); i++)
    check(napi_set_element(env, result, i, toNumber(env, static_cast<double>(shape[i]))), "out of memory");
  return result;
}

napi_value newObject(napi_env env) {
  napi_value result;
  check(napi_create_object(env, &result), "out of memory");
  return result;
}

void set(napi_env env, napi_value object, const char* name, napi_value value) {
  check(napi_set_named_property(env, object, name, value), "out of memory");
}
