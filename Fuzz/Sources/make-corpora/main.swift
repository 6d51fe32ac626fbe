// Writes the corpora that fuzzing starts from: small files that are right, each in its own way.
import Glibc
import Networks
import Tensors

/// A safetensors file with the given header and data.
private func file(_ header: String, _ data: Int) -> [UInt8] {
    let header = Array(header.utf8)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
    return length + header + (0..<data).map { UInt8($0) }
}

private func write(_ bytes: [UInt8], to path: String) {
    guard let file = fopen(path, "w") else { fatalError("cannot create \(path)") }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
}

guard CommandLine.arguments.count == 2 else {
    print("usage: make-corpora FOLDER")
    exit(64)
}
let root = CommandLine.arguments[1]
let folder = "\(root)/safetensors"
for path in [root, folder] { mkdir(path, 0o755) }

var random = RandomSource(seed: 1)
let layer = ConvolutionLayer("a", 1, 1)
try Parameters(initialising: layer, using: &random)
    .write(to: "\(folder)/layer", metadata: ["model": "\u{e9}\u{1f600}\n"])

let seeds: [(name: String, bytes: [UInt8])] = [
    ("empty", file("{}", 0)),
    ("metadata", file(#"{"__metadata__":{"a":"b","\u00e9\ud83d\ude00":"\"\\\/\b\f\n\r\t"}}"#, 0)),
    ("half", file(#"{"x":{"dtype":"F16","shape":[2,1],"data_offsets":[0,4]}}"#, 4)),
    ("brain", file(#"{"x":{"dtype":"BF16","shape":[3],"data_offsets":[0,6]}}   "#, 6)),
    ("scalar", file(#"{ "x" : { "data_offsets" : [0 , 4] , "shape" : [], "dtype" : "F32" } }"#, 4)),
    (
        "unordered",
        file(
            #"{"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"#
                + #""a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
                + #""none":{"dtype":"F32","shape":[0,9],"data_offsets":[4,4]}}"#, 8)
    ),
]
for seed in seeds { write(seed.bytes, to: "\(folder)/\(seed.name)") }

try makeMediaCorpora(root)
