// A folder of its own for a test, the ffmpeg and ffprobe programs, and synthetic frames.
import Glibc
import Media

/// A temporary folder, removed with the object.
final class ScratchFolder {
    let path: String

    init() {
        var template = Array("/tmp/percept-test-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil)
        path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    func file(_ name: String) -> String { path + "/" + name }

    /// Names in the folder, sorted.
    var names: [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var found: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { found.append(name) }
        }
        return found.sorted()
    }

    deinit { _ = tool(["rm", "-rf", path]) }
}

/// Runs a program, and returns its exit status and standard output.
@discardableResult
func tool(_ arguments: [String]) -> (status: Int32, output: String) {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    var ends: [Int32] = [0, 0]
    precondition(pipe(&ends) == 0)
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { words.forEach { free($0) } }
    var child = pid_t()
    let failed = posix_spawnp(&child, arguments[0], &actions, nil, &words, environ)
    close(ends[1])
    guard failed == 0 else {
        close(ends[0])
        return (127, "")
    }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = read(ends[0], &buffer, buffer.count)
        if count <= 0 { break }
        bytes.append(contentsOf: buffer[..<count])
    }
    close(ends[0])
    var status: Int32 = 0
    waitpid(child, &status, 0)
    return ((status >> 8) & 255, String(decoding: bytes, as: UTF8.self))
}

/// Runs ffmpeg quietly, and traps where a fixture cannot be made.
func ffmpeg(_ arguments: [String]) {
    let result = tool(["ffmpeg", "-nostdin", "-v", "error", "-y"] + arguments)
    precondition(result.status == 0, "ffmpeg \(arguments.joined(separator: " "))")
}

/// What ffprobe says of a file, one line an entry, in compact form.
func ffprobe(_ path: String, _ arguments: [String]) -> [String] {
    let result = tool(["ffprobe", "-v", "error", "-of", "csv=p=0"] + arguments + [path])
    return result.output.split(separator: "\n").map(String.init)
}

extension String {
    /// The string, if it starts with `prefix`.
    func starting(with prefix: String) -> String? { hasPrefix(prefix) ? self : nil }
}

/// Lines of `stream=packet` hashes of one stream: what was copied byte by byte has the same.
func packetHashes(_ path: String, _ stream: String) -> [String] {
    let entries = ["-show_packets", "-show_data_hash", "md5", "-show_entries", "packet=data_hash"]
    return ffprobe(path, ["-select_streams", stream] + entries).compactMap { line in
        line.split(separator: ",").last.map(String.init)?.starting(with: "MD5:")
    }
}

/// Frames with a moving pattern; sample values differ in every frame, plane and corner.
func patternFrames(
    _ count: Int, width: Int, height: Int, format: FrameFormat,
    timeBase: Rational = Rational(1, 25),
    step: Int64 = 1
) -> [Frame] {
    (0..<count).map { index in
        var frame = Frame(width: width, height: height, format: format)
        frame.timestamp = Int64(index) * step
        frame.duration = step
        frame.timeBase = timeBase
        for (number, plane) in frame.planes.enumerated() {
            plane.withUnsafeMutableBytes { base in
                for y in 0..<plane.height {
                    for x in 0..<plane.width {
                        let mixed = (x &* 7) ^ (y &* 13) &+ index &* 29 &+ number &* 57
                        let value = mixed & format.maximum
                        if plane.bytesPerSample == 1 {
                            base.storeBytes(
                                of: UInt8(value), toByteOffset: y * plane.bytesPerRow + x,
                                as: UInt8.self)
                        } else {
                            base.storeBytes(
                                of: UInt16(value), toByteOffset: y * plane.bytesPerRow + 2 * x,
                                as: UInt16.self)
                        }
                    }
                }
            }
        }
        return frame
    }
}

/// The samples of all planes, row by row without padding, as FFmpeg's rawvideo has them.
func rawBytes(_ frames: [Frame]) -> [UInt8] {
    var bytes: [UInt8] = []
    for frame in frames {
        for plane in frame.planes {
            plane.withUnsafeBytes { base in
                for y in 0..<plane.height {
                    bytes.append(
                        contentsOf: UnsafeRawBufferPointer(
                            start: base + y * plane.bytesPerRow,
                            count: plane.width * plane.bytesPerSample))
                }
            }
        }
    }
    return bytes
}

/// All bytes of a file.
func contents(_ path: String) -> [UInt8] {
    guard let file = fopen(path, "rb") else { return [] }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = fread(&buffer, 1, buffer.count, file)
        if count == 0 { break }
        bytes.append(contentsOf: buffer[..<count])
    }
    return bytes
}

/// Writes bytes to a file.
func put(_ bytes: [UInt8], _ path: String) {
    guard let file = fopen(path, "wb") else { preconditionFailure(path) }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
}

/// Writes all frames and finishes.
func write(_ frames: [Frame], _ sink: any FrameSink) throws {
    for frame in frames { try sink.write(frame) }
    try sink.finish()
}
