// Pictures of many files, decoded on threads of their own, in order.
import Glibc
import Media

/// One picture, ready to be looked at.
struct LoadedPicture: Sendable {
    let width: Int, height: Int
    /// Seconds from the start of its video; nil for a photograph.
    let time: Double?
    /// The picture itself, where somebody wants to see it.
    let pixels: UprightPicture?
    /// The picture as the detector wants it, where there is one.
    let view: DetectorEye.View?
}

/// Decodes files ahead of whoever looks at the pictures.
///
/// Each thread takes every so many of the files and has a queue of its own, so that pictures come in order and only a
/// few wait.
final class PictureFeed {
    /// What comes of a file, in this order: pictures, at most one failure, its end.
    enum Event: Sendable {
        case picture(LoadedPicture)
        case failure(String, exitCode: Int32)
        /// Where a video ends, in seconds; nil for a photograph and for what cannot be read to its end.
        case end(Double?)
    }

    /// How pictures are read.
    struct Options: Sendable {
        var reading = ReadOptions()
        var frames = FrameChoice.automatic
        /// Whether pictures are wanted to be seen.
        var keepsPixels = false
        /// Whether there is a detector that wants views.
        var eye: DetectorEye?
        var threads = 1
    }

    private let queues: [BoundedQueue<Event>]
    private let workers: [WorkerThread]

    init(_ paths: [String], _ options: Options) {
        let count = max(1, min(options.threads, paths.count))
        let queues = (0..<count).map { _ in BoundedQueue<Event>(capacity: 2) }
        self.queues = queues
        workers = (0..<count).map { number in
            WorkerThread("decode \(number)") {
                // The network decides how fast all goes and must not wait for a core. The number is the thread's own,
                // as Linux has it.
                let own = __priority_which_t(PRIO_PROCESS.rawValue)
                _ = setpriority(own, 0, getpriority(own, 0) + 10)
                for index in stride(from: number, to: paths.count, by: count) {
                    var end: Double?
                    do {
                        end = try PictureLoader(paths[index], options).load {
                            try queues[number].push(.picture($0))
                        }
                    } catch is BoundedQueue<Event>.Cancelled {
                        return
                    } catch {
                        let code = (error as? MediaError)?.exitCode ?? 1
                        guard
                            (try? queues[number].push(.failure("\(error)", exitCode: code))) != nil
                        else { return }
                    }
                    guard (try? queues[number].push(.end(end))) != nil else { return }
                }
                queues[number].close()
            }
        }
    }

    /// The next event of file number `index`; files must be asked for in order, each to its end.
    func next(of index: Int) throws -> Event { try queues[index % queues.count].pop() ?? .end(nil) }

    /// Stops the threads.
    func stop() {
        for queue in queues { queue.cancel() }
        for worker in workers { _ = worker.join() }
    }
}
