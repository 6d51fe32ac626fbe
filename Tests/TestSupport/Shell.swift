// Runs the commands that make fixtures for tests.
import Glibc

/// Output and exit status of one shell command.
@discardableResult
public func shell(_ command: String) -> (status: Int32, output: [UInt8]) {
    guard let pipe = popen(command, "r") else { return (-1, []) }
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = fread(&chunk, 1, chunk.count, pipe)
        guard count > 0 else { break }
        output.append(contentsOf: chunk[..<count])
    }
    let status = pclose(pipe)
    return ((status >> 8) & 0xff, output)
}

/// Runs ffmpeg quietly with the given arguments in shell syntax; traps where it fails, because a
/// fixture that was not made tests nothing.
@discardableResult
public func ffmpeg(_ arguments: String) -> [UInt8] {
    let result = shell("ffmpeg -hide_banner -nostdin -loglevel error -y \(arguments)")
    precondition(result.status == 0, "ffmpeg \(arguments): status \(result.status)")
    return result.output
}

/// The frames of a video as ffmpeg decodes them, a line each: time, duration, size, and a hash of what it shows.
public func frameHashes(_ path: String) -> [String] {
    let result = shell("ffmpeg -v error -i '\(path)' -map 0:v -f framehash -hash md5 -")
    return String(decoding: result.output, as: UTF8.self).split(separator: "\n")
        .filter { !$0.hasPrefix("#") }.map(String.init)
}

extension TemporaryFolder {
    /// The path of `name` inside the folder.
    public func callAsFunction(_ name: String) -> String { path + "/" + name }
}

/// The bytes of a file; empty where it cannot be read.
public func readBytes(_ path: String) -> [UInt8] {
    guard let file = fopen(path, "rb") else { return [] }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = fread(&chunk, 1, chunk.count, file)
        guard count > 0 else { return bytes }
        bytes.append(contentsOf: chunk[..<count])
    }
}

/// Writes `bytes` to a file.
public func writeBytes(_ bytes: some Collection<UInt8>, to path: String) {
    let file = fopen(path, "wb")
    precondition(file != nil, "cannot write \(path)")
    defer { fclose(file) }
    let bytes = Array(bytes)
    precondition(fwrite(bytes, 1, bytes.count, file) == bytes.count)
}
