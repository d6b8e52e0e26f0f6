"""A MediaPipe graph, as text: the mesh of a region.

The parts are MediaPipe's own (0.10.21, Apache-2.0); left out of ``FaceLandmarkFrontCpu`` are
the loops, gates and switches around them.
"""

GRAPH = """
executor { type: "ApplicationThreadExecutor" }
input_stream: "image"
input_stream: "region"
node {
  calculator: "TfLiteCustomOpResolverCalculator"
  output_side_packet: "OP_RESOLVER:operations"
}
node {
  calculator: "ImageToTensorCalculator"
  input_stream: "IMAGE:image"
  input_stream: "NORM_RECT:region"
  output_stream: "TENSORS:input"
  options { [mediapipe.ImageToTensorCalculatorOptions.ext] {
    output_tensor_width: 192
    output_tensor_height: 192
    output_tensor_float_range { min: 0 max: 1 }
  } }
}
node {
  calculator: "InferenceCalculatorCpu"
  input_stream: "TENSORS:input"
  input_side_packet: "OP_RESOLVER:operations"
  output_stream: "TENSORS:output"
  options { [mediapipe.InferenceCalculatorOptions.ext] {
    model_path: "mediapipe/modules/face_landmark/face_landmark_with_attention.tflite"
    delegate { xnnpack {} }
  } }
}
node {
  calculator: "SplitTensorVectorCalculator"
  input_stream: "output"
  output_stream: "parts"
  output_stream: "flag"
  options { [mediapipe.SplitVectorCalculatorOptions.ext] {
    ranges { begin: 0 end: 6 }
    ranges { begin: 6 end: 7 }
  } }
}
node {
  calculator: "TensorsToFloatsCalculator"
  input_stream: "TENSORS:flag"
  output_stream: "FLOAT:presence"
}
node {
  calculator: "TensorsToFaceLandmarksWithAttention"
  input_stream: "TENSORS:parts"
  output_stream: "LANDMARKS:landmarks_in_region"
}
node {
  calculator: "LandmarkProjectionCalculator"
  input_stream: "NORM_LANDMARKS:landmarks_in_region"
  input_stream: "NORM_RECT:region"
  output_stream: "NORM_LANDMARKS:landmarks"
}
"""
OUTPUTS = ("presence", "landmarks")
