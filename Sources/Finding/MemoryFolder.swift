// A memory of videos on disk: a list of them, their pictures' patterns, and what was seen in each.
import FileNames
import Glibc
import Media
import Memory
import Networks
import Tensors
import Terminal

/// A folder that remembers videos.
///
///     memory/videos.jsonl      which files, with their shots; a video counts once it stands here
///     memory/pictures/         a `MemoryStore`: a pattern for each key picture, named "VIDEO MILLISECONDS"
///     memory/seen/VIDEO.jsonl  things and interactions, a line for each picture that was looked at
///
/// Patterns are written before the list names their video, and the list is replaced at once: a process that is killed
/// leaves whole videos, and what it left besides goes with the next change.
public struct MemoryFolder: Sendable {
    /// Where it is.
    public let path: String

    /// The folder at `path`.
    public init(_ path: String) { self.path = path }

    var list: String { "\(path)/videos.jsonl" }
    var pictures: String { "\(path)/pictures" }
    var seen: String { "\(path)/seen" }
    func seen(_ video: Int) -> String { "\(seen)/\(video).jsonl" }

    /// All that is remembered, ready to be asked.
    ///
    /// - Throws: ``FinderError``, `MemoryStoreError`.
    public func open(threads: Int = 1) throws -> PictureMemory {
        let videos = try VideoList(contentsOf: list, folder: path).videos
        guard !videos.isEmpty else { throw FinderError.empty(path: path) }
        let store = try MemoryStore(contentsOf: pictures)
        // Threads that share little wait for each other longer than they work.
        let threads = max(1, min(threads, store.count / 8192))
        let memory = try store.memory(threads: threads)
        let found = try PictureMemory(
            videos, keys: memory.keys, coarse: memory.values, names: store.names, threads: threads)
        for (index, video) in videos.enumerated()
        where found.pictureCounts[index] != video.pictures {
            throw FinderError.damaged(
                path: path,
                reason: "\(found.pictureCounts[index]) of the \(video.pictures) pictures of "
                    + "\(printable(video.path)) are there")
        }
        return found
    }

    /// The videos alone.
    ///
    /// - Throws: ``FinderError``.
    public func videos() throws -> [IndexedVideo] {
        let videos = try VideoList(contentsOf: list, folder: path).videos
        guard !videos.isEmpty else { throw FinderError.empty(path: path) }
        return videos
    }

    /// The one that may change a memory, until it is let go.
    final class Writer {
        private let folder: MemoryFolder
        private let lock: Int32
        private(set) var list: VideoList
        private var store: MemoryStore?

        /// Opens the folder for changes, and makes it where there is none.
        ///
        /// - Throws: ``FinderError``, `MediaError`, `MemoryStoreError`.
        init(_ folder: MemoryFolder) throws {
            self.folder = folder
            let isNew = access(folder.list.fileName, F_OK) != 0
            if isNew, Folder.exists(folder.path) {
                // What a killed first run left is ours.
                let others = try Folder.names(in: folder.path).filter {
                    !["pictures", "seen"].contains($0) && !$0.hasSuffix(".part")
                }
                guard others.isEmpty else { throw FinderError.foreign(path: folder.path) }
            }
            try Folder.make(folder.seen)
            let lock = Glibc.open(folder.seen.fileName, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            guard lock >= 0 else {
                throw MediaError.cannotCreate(
                    path: folder.path, reason: String(cString: strerror(errno)))
            }
            // A child that another thread forks shares the last writer's lock until it becomes a program of its own.
            var tries = 10
            while flock(lock, LOCK_EX | LOCK_NB) != 0, tries > 0 {
                tries -= 1
                usleep(20_000)
            }
            guard tries > 0 else {
                close(lock)
                throw FinderError.busy(path: folder.path)
            }
            self.lock = lock
            do {
                list =
                    isNew
                    ? VideoList() : try VideoList(contentsOf: folder.list, folder: folder.path)
                let hasStore = access("\(folder.pictures)/index.jsonl".fileName, F_OK) == 0
                store = hasStore ? try MemoryStore(contentsOf: folder.pictures) : nil
                if !hasStore { rmdir(folder.pictures.fileName) }
                try dropLeftovers()
            } catch {
                close(lock)
                throw error
            }
        }

        deinit { close(lock) }

        /// Adds what was read of videos, and forgets what was known of those before.
        ///
        /// - Throws: `MemoryStoreError`, `FileWriteError`; then the folder is as it was.
        func add(_ additions: [ReadVideo], forgetting gone: Set<Int> = []) throws {
            guard !additions.isEmpty || !gone.isEmpty else { return }
            var changed = list
            changed.videos.removeAll { gone.contains($0.number) }
            var keys: [Float] = [], coarse: [Float] = [], names: [String] = []
            for addition in additions {
                let number = changed.next
                changed.next += 1
                changed.videos.append(addition.video(number))
                for picture in addition.pictures {
                    keys += picture.pattern.fine
                    coarse += picture.pattern.coarse
                    names.append("\(number) \(Int((picture.time * 1000).rounded()))")
                }
                guard addition.isLooked else { continue }
                try write(addition.seen, of: number)
            }
            try append(keys, coarse, names)
            try changed.write(to: folder.list)
            list = changed
            try forget(gone)
        }

        private func write(_ seen: [SeenPicture], of video: Int) throws {
            let text = seen.map { $0.json.compact + "\n" }.joined()
            try Array(text.utf8).withUnsafeBytes {
                try writeAtomically([$0], to: folder.seen(video))
            }
        }

        private func append(_ keys: [Float], _ coarse: [Float], _ names: [String]) throws {
            guard !names.isEmpty else { return }
            let keys = Tensor(keys, shape: [names.count, PicturePattern.width])
            let coarse = Tensor(coarse, shape: [names.count, PicturePattern.coarseWidth])
            if store != nil {
                try store?.append(keys, values: coarse, names: names)
            } else {
                let memory = try AssociativeMemory(keys, values: coarse, similarity: .manhattan)
                store = try MemoryStore(creating: folder.pictures, memory, names: names)
            }
        }

        /// Forgets patterns and files of videos that the list does not name any more.
        private func forget(_ videos: Set<Int>) throws {
            guard !videos.isEmpty else { return }
            let names = (store?.names ?? []).filter { name in
                PictureMemory.place(name).map { videos.contains($0.video) } ?? false
            }
            if !names.isEmpty { try store?.remove(names) }
            for video in videos { unlink(folder.seen(video).fileName) }
        }

        /// What a killed process wrote of videos that never came into the list.
        private func dropLeftovers() throws {
            let known = Set(list.videos.map(\.number))
            let stored = Set((store?.names ?? []).compactMap { PictureMemory.place($0)?.video })
            let seen = Set(
                try Folder.names(in: folder.seen).compactMap { Int($0.prefix { $0 != "." }) })
            try forget(stored.union(seen).subtracting(known))
        }

        /// Gathers patterns in one file where they lie in many.
        ///
        /// - Throws: `MemoryStoreError`.
        func tidy() throws {
            if let store, store.fileCount > 32 { try self.store?.rebuild() }
        }
    }
}

/// What was read of a video, before it is stored.
struct ReadVideo: Sendable {
    let path: String
    let state: FileState
    let summary: KeyPictureReader.Summary
    var pictures: [ReadPicture]
    var seen: [SeenPicture]
    let isLooked: Bool

    func video(_ number: Int) -> IndexedVideo {
        IndexedVideo(
            number: number, path: path, state: state, summary: summary, pictures: pictures.count,
            shots: summary.shots, isLooked: isLooked)
    }
}

/// What is kept of a key picture until it is stored: two kilobytes.
struct ReadPicture: Sendable {
    let time: Double
    let pattern: PicturePattern

    init(_ picture: KeyPicture) { (time, pattern) = (picture.time, picture.pattern) }
}
