// The folder that --data names: where in it which data set lies.
import FileNames
import Glibc
import Media

/// A folder with data sets, each in a folder of its own.
public struct DataFolder: Sendable, Hashable {
    /// The folder that holds `mnist`, `cifar10` or `tinyimagenet`.
    public let path: String

    private static let names = ["mnist", "cifar10", "tinyimagenet"]

    /// The data sets in a folder, or in `small` below it.
    ///
    /// - Throws: ``DataError`` where there is none in either.
    public init(_ path: String) throws(DataError) {
        var status = stat()
        guard stat(path.fileName, &status) == 0 else {
            throw DataError(path, .unreadable(reason: String(cString: strerror(errno))))
        }
        func holdsAny(_ folder: String) -> Bool {
            Self.names.contains { access("\(folder)/\($0)".fileName, F_OK) == 0 }
        }
        guard let root = [path, "\(path)/small"].first(where: holdsAny) else {
            throw DataError(path, .holdsNone(of: Self.names.map { $0 + "/" }))
        }
        self.path = root
    }

    /// MNIST, from `mnist/`.
    ///
    /// - Throws: ``DataError``.
    public func mnist() throws(DataError) -> MNIST {
        try MNIST(contentsOf: try folder("mnist"))
    }

    /// CIFAR-10, from `cifar10/`.
    ///
    /// - Throws: ``DataError``.
    public func cifar10() throws(DataError) -> CIFAR10 {
        try CIFAR10(contentsOf: try folder("cifar10"))
    }

    /// Tiny ImageNet, from `tinyimagenet/`.
    ///
    /// - Throws: ``DataError``.
    public func tinyImageNet() throws(DataError) -> TinyImageNet {
        try TinyImageNet(contentsOf: try folder("tinyimagenet"))
    }

    /// Whether a data set lies here.
    func holds(_ name: String) -> Bool { access("\(path)/\(name)".fileName, F_OK) == 0 }

    private func folder(_ name: String) throws(DataError) -> String {
        let folder = "\(path)/\(name)"
        guard access(folder.fileName, F_OK) == 0 else {
            throw DataError(path, .holdsNone(of: [name + "/"]))
        }
        return folder
    }
}

/// The names in a folder, in order, hidden ones left out.
func fileNames(in folder: String) throws(DataError) -> [String] {
    do {
        return try Folder.names(in: folder)
    } catch MediaError.unreadableInput(_, let reason) {
        throw DataError(folder, .unreadable(reason: reason))
    } catch {
        throw DataError(folder, .unreadable(reason: "\(error)"))
    }
}
