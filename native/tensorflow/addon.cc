// The addon: what tfjs-node's JavaScript expects from its native half (TFJSBinding), over any TensorFlow library, and the
// kernels of our own that work on the memory of tensors on the CPU.
//   open({ library, preload }) -> binding, once per process

#include <cstring>
#include <memory>

#include "held_messages.h"
#include "kernel_calls.h"
#include "library.h"
#include "napi_values.h"
#include "runtime.h"

namespace {

// One TensorFlow per process, never taken down: handles may be freed by whoever still runs at exit.
Runtime* runtime = nullptr;

using Method = napi_value (*)(Runtime&, const Arguments&);

// Entry point of every method: C++ failures become JavaScript errors.
template <Method method>
napi_value entry(napi_env env, napi_callback_info info) {
  try {
    return method(*runtime, Arguments(env, info));
  } catch (const std::exception& failure) {
    napi_throw_error(env, nullptr, failure.what());
    return nullptr;
  }
}

Attribute attributeOf(napi_env env, napi_value object) {
  Attribute a;
  a.name = textOf(env, propertyOf(env, object, "name"));
  a.type = static_cast<TF_AttrType>(integerOf(env, propertyOf(env, object, "type")));
  const napi_value value = propertyOf(env, object, "value");
  a.list = isArray(env, value) && a.type != TF_ATTR_SHAPE;
  const uint32_t count = a.list ? lengthOf(env, value) : 1;
  for (uint32_t i = 0; i < count; i++) {
    const napi_value one = a.list ? elementOf(env, value, i) : value;
    switch (a.type) {
      case TF_ATTR_STRING:
        a.texts.push_back(textOf(env, one));
        break;
      case TF_ATTR_FLOAT:
        a.floats.push_back(static_cast<float>(numberOf(env, one)));
        break;
      case TF_ATTR_BOOL:
        a.integers.push_back(flagOf(env, one));
        break;
      case TF_ATTR_INT:
      case TF_ATTR_TYPE:
        a.integers.push_back(integerOf(env, one));
        break;
      case TF_ATTR_SHAPE:
        a.integers = integersOf(env, one);
        break;
      default:
        throw Failure("attribute " + a.name + " is of an unknown kind");
    }
  }
  return a;
}

Operation operationOf(napi_env env, napi_value name, napi_value attributes) {
  Operation operation{textOf(env, name), {}};
  const uint32_t count = lengthOf(env, attributes);
  for (uint32_t i = 0; i < count; i++)
    operation.attributes.push_back(attributeOf(env, elementOf(env, attributes, i)));
  return operation;
}

napi_value run(Runtime& r, napi_env env, const Operation& operation, napi_value inputs, int64_t outputs) {
  const std::vector<TFE_TensorHandle*> results =
      r.execute(operation, integersOf(env, inputs), static_cast<int>(outputs));
  napi_value list;
  check(napi_create_array_with_length(env, results.size(), &list), "out of memory");
  for (uint32_t i = 0; i < results.size(); i++) {
    Status status;
    std::vector<int64_t> shape(api.TFE_TensorHandleNumDims(results[i], status));
    for (size_t d = 0; d < shape.size(); d++)
      shape[d] = api.TFE_TensorHandleDim(results[i], static_cast<int>(d), status);
    const napi_value info = newObject(env);
    set(env, info, "id", toNumber(env, r.insert(results[i])));
    set(env, info, "shape", toShape(env, shape));
    set(env, info, "dtype", toNumber(env, api.TFE_TensorHandleDataType(results[i])));
    check(napi_set_element(env, list, i, info), "out of memory");
  }
  return list;
}

// executeOp(name, attributes, inputs, outputs) -> [{ id, shape, dtype }]
napi_value executeOp(Runtime& r, const Arguments& a) {
  return run(r, a.env, operationOf(a.env, a.at(0), a.at(1)), a.at(2), a.integer(3));
}

// prepare(name, attributes) -> number, for executePrepared
napi_value prepare(Runtime& r, const Arguments& a) {
  return toNumber(a.env, r.add(operationOf(a.env, a.at(0), a.at(1))));
}

// executePrepared(number, inputs, outputs): executeOp without reading name and attributes again
napi_value executePrepared(Runtime& r, const Arguments& a) {
  return run(r, a.env, r.operation(a.integer(0)), a.at(1), a.integer(2));
}

// createTensor(shape, dtype, values) -> id
napi_value createTensor(Runtime& r, const Arguments& a) {
  const std::vector<int64_t> shape = integersOf(a.env, a.at(0));
  const auto type = static_cast<TF_DataType>(a.integer(1));
  if (type == TF_STRING) throw Failure("tensors of strings are not supported");
  const View view = viewOf(a.env, a.at(2));
  size_t elements = 1;
  for (int64_t length : shape) elements *= static_cast<size_t>(length);
  // 64-bit integers come as pairs of 32-bit ones (tfjs-node, int64_tensors.ts), complex numbers as pairs of floats.
  const bool pairs = type == TF_INT64 || type == TF_COMPLEX64;
  const napi_typedarray_type expected = type == TF_FLOAT || type == TF_COMPLEX64  ? napi_float32_array
                                        : type == TF_INT32 || type == TF_INT64    ? napi_int32_array
                                                                                  : napi_uint8_array;
  const bool bytes = expected == napi_uint8_array && view.type == napi_uint8_clamped_array;
  if (view.type != expected && !bytes) throw Failure("the typed array does not fit the type of the tensor");
  if (view.length != elements * (pairs ? 2 : 1))
    throw Failure("a tensor of " + std::to_string(elements) + " values got " + std::to_string(view.length));
  return toNumber(a.env, r.create(type, shape, view.data, elements * api.TF_DataTypeSize(type)));
}

napi_value deleteTensor(Runtime& r, const Arguments& a) {
  r.remove(a.integer(0));
  return nullptr;
}

// tensorDataSync(id) -> typed array with a copy
napi_value tensorDataSync(Runtime& r, const Arguments& a) {
  TFE_TensorHandle* handle = r.handle(a.integer(0));
  napi_typedarray_type type;
  switch (api.TFE_TensorHandleDataType(handle)) {
    case TF_FLOAT:
    case TF_COMPLEX64:
      type = napi_float32_array;
      break;
    case TF_INT32:
      type = napi_int32_array;
      break;
    case TF_INT64:
      type = napi_bigint64_array;
      break;
    case TF_BOOL:
    case TF_UINT8:
      type = napi_uint8_array;
      break;
    default:
      throw Failure("a tensor of this type cannot be read");
  }
  Status status;
  const std::unique_ptr<TF_Tensor, void (*)(TF_Tensor*)> tensor(api.TFE_TensorHandleResolve(handle, status),
                                                                [](TF_Tensor* t) {
                                                                  if (t) api.TF_DeleteTensor(t);
                                                                });
  status.expectOk();
  const size_t bytes = api.TF_TensorByteSize(tensor.get());
  void* data;
  napi_value buffer;
  check(napi_create_arraybuffer(a.env, bytes, &data, &buffer), "out of memory");
  if (bytes > 0) std::memcpy(data, api.TF_TensorData(tensor.get()), bytes);
  const size_t width = type == napi_uint8_array ? 1 : type == napi_bigint64_array ? 8 : 4;
  napi_value array;
  check(napi_create_typedarray(a.env, type, bytes / width, buffer, 0, &array), "out of memory");
  return array;
}

napi_value getNumOfTensors(Runtime& r, const Arguments& a) {
  return toNumber(a.env, static_cast<double>(r.tensors()));
}

napi_value isUsingGpuDevice(Runtime& r, const Arguments& a) {
  napi_value result;
  check(napi_get_boolean(a.env, r.usesGpu(), &result), "out of memory");
  return result;
}

// devices() -> [{ name, type, memoryBytes }]
napi_value devices(Runtime& r, const Arguments& a) {
  napi_value list;
  check(napi_create_array(a.env, &list), "out of memory");
  for (uint32_t i = 0; i < r.devices().size(); i++) {
    const Device& device = r.devices()[i];
    const napi_value info = newObject(a.env);
    set(a.env, info, "name", toText(a.env, device.name));
    set(a.env, info, "type", toText(a.env, device.type));
    set(a.env, info, "memoryBytes", toNumber(a.env, static_cast<double>(device.memoryBytes)));
    check(napi_set_element(a.env, list, i, info), "out of memory");
  }
  return list;
}

// profile(on) -> { operation: { ms, calls } } since it was switched on
napi_value profile(Runtime& r, const Arguments& a) {
  const napi_value result = newObject(a.env);
  for (const auto& entry : r.spent) {
    const napi_value spent = newObject(a.env);
    set(a.env, spent, "ms", toNumber(a.env, entry.second.ms));
    set(a.env, spent, "calls", toNumber(a.env, static_cast<double>(entry.second.calls)));
    set(a.env, result, entry.first.c_str(), spent);
  }
  r.profiling = a.flag(0);
  if (r.profiling) r.spent.clear();
  return result;
}

template <Method method>
void define(napi_env env, napi_value object, const char* name) {
  napi_value function;
  check(napi_create_function(env, name, NAPI_AUTO_LENGTH, entry<method>, nullptr, &function), "out of memory");
  set(env, object, name, function);
}

napi_value bindingOf(napi_env env) {
  const napi_value binding = newObject(env);
  define<executeOp>(env, binding, "executeOp");
  define<prepare>(env, binding, "prepare");
  define<executePrepared>(env, binding, "executePrepared");
  define<createTensor>(env, binding, "createTensor");
  define<deleteTensor>(env, binding, "deleteTensor");
  define<tensorDataSync>(env, binding, "tensorDataSync");
  define<getNumOfTensors>(env, binding, "getNumOfTensors");
  define<isUsingGpuDevice>(env, binding, "isUsingGpuDevice");
  define<devices>(env, binding, "devices");
  define<profile>(env, binding, "profile");
#define KERNEL(name) define<name>(env, binding, #name);
  KERNEL_CALLS(KERNEL)
#undef KERNEL
#define CONSTANT(name) set(env, binding, #name, toNumber(env, name));
  CONSTANT(TF_FLOAT)
  CONSTANT(TF_INT32)
  CONSTANT(TF_INT64)
  CONSTANT(TF_BOOL)
  CONSTANT(TF_COMPLEX64)
  CONSTANT(TF_STRING)
  CONSTANT(TF_RESOURCE)
  CONSTANT(TF_UINT8)
  CONSTANT(TF_ATTR_STRING)
  CONSTANT(TF_ATTR_INT)
  CONSTANT(TF_ATTR_FLOAT)
  CONSTANT(TF_ATTR_BOOL)
  CONSTANT(TF_ATTR_TYPE)
  CONSTANT(TF_ATTR_SHAPE)
#undef CONSTANT
  set(env, binding, "TF_Version", toText(env, api.TF_Version()));
  return binding;
}

napi_value open(napi_env env, napi_callback_info info) {
  try {
    const Arguments a(env, info);
    if (runtime) throw Failure("TensorFlow is open in this process already");
    const std::string library = textOf(env, propertyOf(env, a.at(0), "library"));
    const napi_value list = propertyOf(env, a.at(0), "preload");
    std::vector<std::string> preload;
    if (isArray(env, list))
      for (uint32_t i = 0; i < lengthOf(env, list); i++) preload.push_back(textOf(env, elementOf(env, list, i)));
    {
      const HeldMessages held;
      const std::string error = openLibrary(library, preload);
      if (!error.empty()) throw Failure(error);
    }
    runtime = new Runtime();
    releaseLibraryPages();
    return bindingOf(env);
  } catch (const std::exception& failure) {
    napi_throw_error(env, nullptr, failure.what());
    return nullptr;
  }
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value function;
  if (napi_create_function(env, "open", NAPI_AUTO_LENGTH, open, nullptr, &function) == napi_ok)
    napi_set_named_property(env, exports, "open", function);
  // Which sources this was compiled from.
  napi_value sources;
  if (napi_create_string_utf8(env, SOURCES, NAPI_AUTO_LENGTH, &sources) == napi_ok)
    napi_set_named_property(env, exports, "sources", sources);
  return exports;
}
