// The experiments about policies, in the order in which they are listed.

/// The experiments about policies.
enum PolicyExperiments {
    static let all: [any Experiment] = [
        ZOSPILandscape(), ZOSPIBandit(), ZOSPIMaze(), ZOSPILocomotion(),
    ]
}
