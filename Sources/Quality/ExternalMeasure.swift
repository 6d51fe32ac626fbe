// Measures that other programs make, where they are installed.
import Glibc
import Media

/// A program that compares two pictures and prints a number.
public enum ExternalMeasure: String, CaseIterable, Sendable {
    /// The 3-norm of Butteraugli's map of differences; 0 is equal, lower is better.
    case butteraugli
    /// SSIMULACRA 1; 0 is equal, lower is better.
    case ssimulacra
    /// SSIMULACRA 2; 100 is equal, higher is better.
    case ssimulacra2

    /// The program: Debian's libjxl-devtools has the first two, the last is its authors'.
    public var program: String {
        switch self {
        case .butteraugli: "butteraugli_main"
        case .ssimulacra: "ssimulacra_main"
        case .ssimulacra2: "ssimulacra2"
        }
    }

    /// Whether more is better.
    public var growsWithQuality: Bool { self == .ssimulacra2 }

    /// Whether the program is on PATH.
    public var isAvailable: Bool { ExternalProgram.isAvailable(program) }

    /// The difference of two pictures; nil where the program fails or says nothing that is a number.
    public func callAsFunction(_ reference: UprightPicture, _ picture: UprightPicture) -> Double? {
        guard let a = TemporaryPicture(reference), let b = TemporaryPicture(picture),
            let text = ExternalProgram.output(of: [program, a.path, b.path])
        else { return nil }
        let lines = text.split(separator: "\n")
        switch self {
        case .butteraugli:
            let line = lines.first { $0.hasPrefix("3-norm:") }
            return line.flatMap { Double($0.dropFirst(7).drop { $0 == " " }) }
        case .ssimulacra, .ssimulacra2:
            return lines.last.flatMap { Double($0.drop { $0 == " " }) }
        }
    }
}

/// A picture in a file of its own, for as long as it is needed.
private struct TemporaryPicture {
    private let folder: ScratchFolder
    var path: String { folder.path + "/picture.ppm" }

    init?(_ picture: UprightPicture) {
        guard let folder = try? ScratchFolder() else { return nil }
        self.folder = folder
        let bytes = Array("P6\n\(picture.width) \(picture.height)\n255\n".utf8) + picture.pixels
        guard let file = fopen(path, "w") else { return nil }
        let count = fwrite(bytes, 1, bytes.count, file)
        guard fclose(file) == 0, count == bytes.count else { return nil }
    }
}
