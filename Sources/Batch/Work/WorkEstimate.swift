// How long work takes and how much memory, as far as that can be said beforehand.
import Enhancement

/// Estimates of work from what is known before it.
public enum WorkEstimate {
    /// Products a second of one thread, and seconds a pixel beside the network: what two cores of a server of 2021 do.
    /// Only the order of magnitude matters.
    static let productsPerSecond = 25e9, secondsPerPixel = 40e-9

    /// Seconds that a core takes for a pixel from file to file with the largest models and AV1: for limits, which are better
    /// too long than too short.
    static let secondsPerDeliveredPixel = 5e-6

    /// About how many seconds a frame takes.
    public static func secondsOfFrame(
        width: Int, height: Int, _ model: (any RestorationModel)?, threads: Int
    ) -> Double {
        let products = Double(model?.executedProducts ?? 0)
        return Double(width * height) * (products / productsPerSecond + secondsPerPixel)
            / Double(max(1, threads))
    }

    /// About how much memory it takes to enhance frames of a size, in bytes: the program, and frames on their way through
    /// decoder, network and encoder.
    public static func memory(width: Int, height: Int) -> Int64 {
        300_000_000 + Int64(width * height) * 500
    }
}
