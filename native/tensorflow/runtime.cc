#include "runtime.h"

#include <chrono>
#include <cstring>

#include "buffers.h"
#include "napi_values.h"

namespace {

double now() {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void giveBack(void* data, size_t, void*) { releaseBuffer(data); }

void setAttribute(TFE_Op* op, const Attribute& a, TF_Status* status) {
  const char* name = a.name.c_str();
  const int count = static_cast<int>(a.integers.size());
  switch (a.type) {
    case TF_ATTR_STRING: {
      if (!a.list) {
        api.TFE_OpSetAttrString(op, name, a.texts[0].data(), a.texts[0].size());
        return;
      }
      std::vector<const void*> texts;
      std::vector<size_t> lengths;
      for (const std::string& text : a.texts) {
        texts.push_back(text.data());
        lengths.push_back(text.size());
      }
      api.TFE_OpSetAttrStringList(op, name, texts.data(), lengths.data(), static_cast<int>(texts.size()));
      return;
    }
    case TF_ATTR_INT:
      if (a.list)
        api.TFE_OpSetAttrIntList(op, name, a.integers.data(), count);
      else
        api.TFE_OpSetAttrInt(op, name, a.integers[0]);
      return;
    case TF_ATTR_FLOAT:
      if (a.list)
        api.TFE_OpSetAttrFloatList(op, name, a.floats.data(), static_cast<int>(a.floats.size()));
      else
        api.TFE_OpSetAttrFloat(op, name, a.floats[0]);
      return;
    case TF_ATTR_BOOL: {
      if (!a.list) {
        api.TFE_OpSetAttrBool(op, name, a.integers[0] != 0);
        return;
      }
      const std::vector<unsigned char> flags(a.integers.begin(), a.integers.end());
      api.TFE_OpSetAttrBoolList(op, name, flags.data(), count);
      return;
    }
    case TF_ATTR_TYPE: {
      if (!a.list) {
        api.TFE_OpSetAttrType(op, name, static_cast<TF_DataType>(a.integers[0]));
        return;
      }
      std::vector<TF_DataType> types;
      for (int64_t type : a.integers) types.push_back(static_cast<TF_DataType>(type));
      api.TFE_OpSetAttrTypeList(op, name, types.data(), count);
      return;
    }
    case TF_ATTR_SHAPE:
      api.TFE_OpSetAttrShape(op, name, a.integers.data(), count, status);
      return;
  }
}

class ScopedOp {
 public:
  explicit ScopedOp(TFE_Op* op) : op(op) {}
  ~ScopedOp() { api.TFE_DeleteOp(op); }
  ScopedOp(const ScopedOp&) = delete;
  TFE_Op* const op;
};

}  // namespace

void Status::expectOk() const {
  if (api.TF_GetCode(status_) != 0) throw Failure(api.TF_Message(status_));
}

Runtime::Runtime() {
  Status status;
  TFE_ContextOptions* options = api.TFE_NewContextOptions();
  context_ = api.TFE_NewContext(options, status);
  api.TFE_DeleteContextOptions(options);
  status.expectOk();
  TF_DeviceList* list = api.TFE_ContextListDevices(context_, status);
  status.expectOk();
  for (int i = 0; i < api.TF_DeviceListCount(list); i++)
    devices_.push_back({api.TF_DeviceListName(list, i, status), api.TF_DeviceListType(list, i, status),
                        api.TF_DeviceListMemoryBytes(list, i, status)});
  api.TF_DeleteDeviceList(list);
  // Operations without a device of their own run on the first GPU; so tensors are made there.
  for (const Device& device : devices_) {
    if (device.type != "GPU" && !deviceName_.empty()) continue;
    if (device.type == "GPU" && gpu_) continue;
    deviceName_ = device.name;
    gpu_ = device.type == "GPU";
  }
}

int32_t Runtime::insert(TFE_TensorHandle* handle) {
  live_++;
  if (free_.empty()) {
    handles_.push_back(handle);
    return static_cast<int32_t>(handles_.size() - 1);
  }
  const int32_t id = free_.back();
  free_.pop_back();
  handles_[id] = handle;
  return id;
}

TFE_TensorHandle* Runtime::handle(int64_t id) const {
  if (id < 0 || id >= static_cast<int64_t>(handles_.size()) || !handles_[id])
    throw Failure("tensor " + std::to_string(id) + " does not exist (any more)");
  return handles_[id];
}

void Runtime::remove(int64_t id) {
  api.TFE_DeleteTensorHandle(handle(id));
  handles_[id] = nullptr;
  free_.push_back(static_cast<int32_t>(id));
  live_--;
}

int32_t Runtime::create(TF_DataType type, const std::vector<int64_t>& shape, const void* data, size_t bytes) {
  void* copy = takeBuffer(bytes);
  std::memcpy(copy, data, bytes);
  Status status;
  TF_Tensor* tensor =
      api.TF_NewTensor(type, shape.data(), static_cast<int>(shape.size()), copy, bytes, giveBack, nullptr);
  TFE_TensorHandle* handle = api.TFE_NewTensorHandle(tensor, status);
  api.TF_DeleteTensor(tensor);
  status.expectOk();
  if (gpu_ && type != TF_INT32) {
    TFE_TensorHandle* there = api.TFE_TensorHandleCopyToDevice(handle, context_, deviceName_.c_str(), status);
    api.TFE_DeleteTensorHandle(handle);
    status.expectOk();
    handle = there;
  }
  return insert(handle);
}

std::vector<TFE_TensorHandle*> Runtime::execute(const Operation& operation, const std::vector<int64_t>& inputs,
                                                int outputs) {
  Timed timed(*this, operation.name.c_str());
  Status status;
  TFE_Op* made = api.TFE_NewOp(context_, operation.name.c_str(), status);
  status.expectOk();
  const ScopedOp scoped(made);
  for (int64_t input : inputs) {
    api.TFE_OpAddInput(scoped.op, handle(input), status);
    status.expectOk();
  }
  for (const Attribute& attribute : operation.attributes) setAttribute(scoped.op, attribute, status);
  status.expectOk();
  std::vector<TFE_TensorHandle*> results(outputs, nullptr);
  int count = outputs;
  api.TFE_Execute(scoped.op, results.data(), &count, status);
  status.expectOk();
  results.resize(count);
  return results;
}

void* Runtime::memory(int64_t id, TF_DataType type, int64_t elements) const {
  TFE_TensorHandle* h = handle(id);
  Status status;
  const int64_t held = api.TFE_TensorHandleNumElements(h, status);
  status.expectOk();
  if (api.TFE_TensorHandleDataType(h) != type || held != elements)
    throw Failure("a tensor of " + std::to_string(elements) + " values was expected, not of " + std::to_string(held));
  void* data = api.TFE_TensorHandleDevicePointer(h, status);
  status.expectOk();
  return data;
}

int32_t Runtime::allocate(const std::vector<int64_t>& shape, float** memory) {
  size_t bytes = sizeof(float);
  for (int64_t length : shape) bytes *= static_cast<size_t>(length);
  void* data = takeBuffer(bytes);
  Status status;
  TF_Tensor* tensor =
      api.TF_NewTensor(TF_FLOAT, shape.data(), static_cast<int>(shape.size()), data, bytes, giveBack, nullptr);
  TFE_TensorHandle* handle = api.TFE_NewTensorHandle(tensor, status);
  api.TF_DeleteTensor(tensor);
  status.expectOk();
  *memory = static_cast<float*>(data);
  return insert(handle);
}

int32_t Runtime::add(Operation operation) {
  operations_.push_back(std::move(operation));
  return static_cast<int32_t>(operations_.size() - 1);
}

const Operation& Runtime::operation(int64_t index) const {
  if (index < 0 || index >= static_cast<int64_t>(operations_.size())) throw Failure("no such prepared operation");
  return operations_[index];
}

Timed::Timed(Runtime& runtime, const char* name)
    : runtime_(runtime), name_(name), began_(runtime.profiling ? now() : 0) {}

Timed::~Timed() {
  if (!runtime_.profiling) return;
  Spent& spent = runtime_.spent[name_];
  spent.ms += now() - began_;
  spent.calls++;
}
