// The wavelet transform of a plane beside a plain copy of it.
import CKernels
import Glibc
import Tensors

/// Measures the two-level Haar transform of a 1080p plane against memcpy.
enum WaveletRate {
    private static let height = 1080, width = 1920

    /// Prints GB/s, read and written, with one thread and with two.
    ///
    /// - Returns: GB/s by name, for `Thresholds`.
    static func report() -> [String: Double] {
        let count = height * width
        let bytes = Double(2 * count * MemoryLayout<Float>.stride)
        let source = UnsafeMutablePointer<Float>.allocate(capacity: count)
        let target = UnsafeMutablePointer<Float>.allocate(capacity: count)
        defer {
            source.deallocate()
            target.deallocate()
        }
        for index in 0..<count {
            source[index] = Float(index & 255)
            target[index] = 0
        }
        var measured: [String: Double] = [:]
        print("\ntwo-level Haar of a 1080p plane of floats, GB/s read and written")
        for threads in [1, 2] {
            let copy = Copy(source: source, target: target, count: count)
            var times = (haar: Double.infinity, inverse: Double.infinity, copy: Double.infinity)
            // In turns, so that all meet the same load.
            for _ in 0..<40 {
                times.haar = min(
                    times.haar,
                    best(of: 2) {
                        percept_haar2(source, target, 1, 1, height, width, Int32(threads))
                    })
                times.inverse = min(
                    times.inverse,
                    best(of: 2) {
                        percept_haar2_inverse(target, source, 1, 1, height, width, Int32(threads))
                    })
                times.copy = min(times.copy, best(of: 2) { copy.run(threads: threads) })
            }
            let plural = threads == 1 ? "1 thread" : "\(threads) threads"
            for (name, time) in [
                ("forward", times.haar), ("inverse", times.inverse), ("memcpy", times.copy),
            ] {
                let rate = bytes / time * 1e-9
                measured["\(name), \(plural)"] = rate
                print("  \(name), \(plural):", rounded(rate), "GB/s,", Int(time * 1e6), "us")
            }
        }
        return measured
    }

    private static func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }

    /// memcpy, its work split over threads as the transform's is.
    private final class Copy {
        let source: UnsafePointer<Float>, target: UnsafeMutablePointer<Float>, count: Int

        init(source: UnsafePointer<Float>, target: UnsafeMutablePointer<Float>, count: Int) {
            self.source = source
            self.target = target
            self.count = count
        }

        func run(threads: Int) {
            percept_parallel_for(
                count, 4096, Int32(threads),
                { context, begin, end in
                    let copy = Unmanaged<Copy>.fromOpaque(context!).takeUnretainedValue()
                    memcpy(
                        copy.target + begin, copy.source + begin,
                        (end - begin) * MemoryLayout<Float>.stride)
                }, Unmanaged.passUnretained(self).toOpaque())
        }
    }
}
