// How the calibration of a space of looks is measured: on verbs that a space has not seen.
import Interaction
import Tensors

extension TeachingCalibration {
    /// What evidence is worth, by people who do what a space has not seen; nil where too few are there, or `shouldStop` says
    /// so.
    ///
    /// Verbs are dealt out to four hands. A space that has not seen those of one hand is taught them with few photographs
    /// each, again and again, and asked of all other people; what it says and what is so make the calibration.
    ///
    /// - Parameters:
    ///   - draws: How often, for each number of photographs.
    ///   - progress: Told of each hand.
    /// - Throws: `PlanError`.
    init?(
        measuredOn people: KnownLooks, settings: LookSpaceSettings, draws: Int, threads: Int,
        progress: (Int) -> Void = { _ in }, shouldStop: () -> Bool = { false }
    ) throws {
        var samples: [Int: [(evidence: Double, isSo: Bool)]] = [:]
        for (number, hand) in people.hands.enumerated() {
            if shouldStop() { return nil }
            let ground = try TeachingGround(
                people, withholding: hand, settings: settings, threads: threads)
            for photographs in TeachingGround.counts where !ground.taught.isEmpty {
                for draw in 0..<draws {
                    let trial = try ground.trial(photographs: photographs, draw: draw)
                    let evidence = try trial.taught(threads: threads).evidence(
                        for: trial.queries, near: trial.near)
                    let width = trial.triplets.count
                    for (row, doing) in trial.truth.enumerated() {
                        for column in 0..<width {
                            samples[photographs, default: []].append(
                                (evidence[row, column], doing == trial.triplets[column]))
                        }
                    }
                }
            }
            progress(number + 1)
        }
        guard !samples.isEmpty else { return nil }
        self.init(fitting: samples)
    }
}

extension LookSpace {
    /// A space fitted to all people of the list but the fifth that is not learned from, and calibrated.
    ///
    /// - Parameter progress: Told of each of the five spaces that are fitted.
    /// - Returns: nil where `shouldStop` says so, or too few people are there: four verbs, thirty people each.
    /// - Throws: `PlanError`.
    public static func learned(
        from people: KnownLooks, settings: LookSpaceSettings = .init(), draws: Int = 4,
        threads: Int = 1, progress: (Int) -> Void = { _ in }, shouldStop: () -> Bool = { false }
    ) throws -> LookSpace? {
        guard
            let calibration = try TeachingCalibration(
                measuredOn: people, settings: settings, draws: draws, threads: threads,
                progress: progress, shouldStop: shouldStop), !shouldStop()
        else { return nil }
        var space = try LookSpace(
            fitting: people, of: people.doings.indices.filter { !people.isForMeasuring[$0] },
            settings: settings, threads: threads)
        space.calibration = calibration
        progress(5)
        return space
    }
}
