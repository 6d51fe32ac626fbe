// Measures that other programs make, where they are installed.
import Glibc
import Media

/// A program that compares two pictures and prints a number.
public enum ExternalMeasure: String, CaseIterable, Sendable {
    /// The 3-norm of Butteraugli's map of differences; 0 is equal, lower is better.
    case butteraugli
    /// SSIMULACRA 1; 0 is equal, lower is better.
    case ssimulacra

    /// The program, which Debian's libjxl-devtools has.
    public var program: String { self == .butteraugli ? "butteraugli_main" : "ssimulacra_main" }

    /// Whether the program is on PATH.
    public var isAvailable: Bool {
        guard let path = getenv("PATH").map({ String(cString: $0) }) else { return false }
        return path.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
    }

    /// The difference of two pictures; nil where the program fails or says nothing that is a number.
    public func callAsFunction(_ reference: UprightPicture, _ picture: UprightPicture) -> Double? {
        guard let a = TemporaryPicture(reference), let b = TemporaryPicture(picture),
            let text = output(of: [program, a.path, b.path])
        else { return nil }
        let lines = text.split(separator: "\n")
        switch self {
        case .butteraugli:
            let line = lines.first { $0.hasPrefix("3-norm:") }
            return line.flatMap { Double($0.dropFirst(7).drop { $0 == " " }) }
        case .ssimulacra: return lines.last.flatMap { Double($0) }
        }
    }

    /// What a program prints; nil where it cannot be run or fails.
    private func output(of words: [String]) -> String? {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child: pid_t = 0
        let code = posix_spawnp(&child, words[0], &actions, nil, &arguments, environ)
        close(ends[1])
        guard code == 0 else { return nil }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(ends[0], &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { break }
            bytes += buffer[..<count]
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        return status == 0 ? String(decoding: bytes, as: UTF8.self) : nil
    }
}

/// A picture in a file of its own, for as long as it is needed.
private final class TemporaryPicture {
    let path: String

    init?(_ picture: UprightPicture) {
        let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(folder)/percept-XXXXXX.ppm".utf8CString)
        let descriptor = mkstemps(&template, 4)
        guard descriptor >= 0 else { return nil }
        path = String(cString: template)
        let bytes = Array("P6\n\(picture.width) \(picture.height)\n255\n".utf8) + picture.pixels
        let isWritten = bytes.withUnsafeBytes { bytes in
            var done = 0
            while done < bytes.count {
                let count = write(descriptor, bytes.baseAddress! + done, bytes.count - done)
                if count <= 0 { return false }
                done += count
            }
            return true
        }
        close(descriptor)
        guard isWritten else {
            unlink(path)
            return nil
        }
    }

    deinit { unlink(path) }
}
