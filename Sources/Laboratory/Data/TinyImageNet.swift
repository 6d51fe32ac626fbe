// Tiny ImageNet as its folders of pictures, one for each kind of thing.
import FileNames
import Glibc
import Media
import Tensors

/// Photographs, 64x64 in colour, of up to 200 kinds of things (Stanford CS231n; after ImageNet).
public struct TinyImageNet: Sendable {
    /// All that were found, kind after kind in the order of their names.
    public let pictures: LabelledPictures

    private static let side = 64

    /// Reads folders `n01234567/` of JPEG files, or `train/n01234567/images/` as the official archive has them.
    ///
    /// - Parameter limit: The most pictures to be read, about as many of each kind.
    /// - Throws: ``DataError``.
    public init(contentsOf folder: String, limit: Int = 10_000) throws(DataError) {
        let nested = "\(folder)/train"
        let root = Folder.exists(nested) ? nested : folder
        let kinds = try fileNames(in: root).filter { name in
            name.hasPrefix("n") && name.dropFirst().allSatisfy(\.isNumber) && name.count > 1
        }
        guard !kinds.isEmpty else { throw DataError(folder, .holdsNone(of: ["n*/"])) }
        let share = (limit + kinds.count - 1) / kinds.count
        var planes: [UInt8] = [], labels: [Int] = []
        for (label, kind) in kinds.enumerated() {
            let images = "\(root)/\(kind)/images"
            let own = Folder.exists(images) ? images : "\(root)/\(kind)"
            for name in try fileNames(in: own).filter(Self.isPicture).prefix(share) {
                planes += try Self.planes(of: "\(own)/\(name)")
                labels.append(label)
            }
        }
        guard !labels.isEmpty else { throw DataError(folder, .holdsNone(of: ["n*/*.jpg"])) }
        pictures = LabelledPictures(
            unitInterval(planes, shape: [labels.count, 3 * Self.side * Self.side]), labels: labels,
            width: Self.side, height: Self.side, channels: 3, origin: "Tiny ImageNet")
    }

    private static func isPicture(_ name: String) -> Bool {
        let name = name.lowercased()
        return name.hasSuffix(".jpg") || name.hasSuffix(".jpeg")
    }

    /// The red, green and blue plane of a picture.
    private static func planes(of path: String) throws(DataError) -> [UInt8] {
        let picture: UprightPicture
        do {
            guard let frame = try StillReader(path: path).next() else {
                throw DataError(path, .malformed("holds no picture"))
            }
            picture = frame.upright()
        } catch let error as DataError {
            throw error
        } catch {
            throw DataError(path, .malformed("cannot be decoded as JPEG"))
        }
        guard picture.width == side, picture.height == side else {
            throw DataError(
                path, .malformed("is \(picture.width)x\(picture.height); 64x64 is wanted"))
        }
        return (0..<3).flatMap { channel in
            stride(from: channel, to: picture.pixels.count, by: 3).map { picture.pixels[$0] }
        }
    }
}
