import Testing

@testable import Interaction

@Suite("Variants of a study")
struct PredicateVariantTests {
    @Test(
        "What is written is read again",
        arguments: [
            "erm", "prior:decay=0.01", "klprior:lambda=0.1,layer=0,steepness=5",
            "dann:verb-balance=0.5,spectral=1,closed=1,balance=0,rate=0.002",
        ])
    func roundTrip(text: String) throws {
        let variant = try #require(PredicateVariant(text))
        #expect("\(variant)" == text)
        #expect(PredicateVariant("\(variant)") == variant)
    }

    @Test(
        "Anything else is none",
        arguments: [
            "", "er", "erm:", "erm:decay", "erm:decay=", "erm:decay=x", "erm:decay=-1", "erm:=1",
            "erm:layer=0.5", "erm:layer=2", "erm:decay=1,decay=2", "erm:decay=1,", "erm:decay=nan",
            "erm:decay=0=1", "erm:unknown=1",
        ])
    func rubbish(text: String) { #expect(PredicateVariant(text) == nil) }

    @Test("Each change reaches its setting, and nothing else changes")
    func settings() throws {
        let base = PredicateSettings(.erm, steps: 7)
        let all = try #require(
            PredicateVariant(
                "cdann:lambda=0.3,steepness=4,balance=0.25,verb-balance=0.75,layer=1,spectral=1,"
                    + "closed=1,decay=0.02,rate=0.004"))
        #expect(Set(all.changes.map(\.name)) == Set(PredicateVariant.Name.allCases))
        let settings = all.settings(base)
        #expect(settings.objective == .cdann && settings.steps == 7)
        #expect(settings.alignment.lambda == 0.3 && settings.alignment.steepness == 4)
        #expect(settings.balance == 0.25 && settings.verbBalance == 0.75)
        #expect(settings.alignedLayer == 1 && settings.isSpectral)
        #expect(settings.absence == .known && settings.decay == 0.02)
        #expect(settings.peakRate == 0.004)
        #expect(PredicateVariant(.erm).settings(base).fingerprint == base.fingerprint)
        let prints = all.changes.map {
            PredicateVariant(.erm, [$0]).settings(base).fingerprint
        }
        #expect(Set(prints + [base.fingerprint]).count == all.changes.count + 1)
    }

    @Test("Usually each objective is tried equally often")
    func usual() {
        let counts = Dictionary(grouping: PredicateVariant.usual, by: \.objective).mapValues(
            \.count)
        #expect(counts.count == PredicateObjective.allCases.count)
        #expect(Set(counts.values) == [4])
        #expect(Set(PredicateVariant.usual).count == PredicateVariant.usual.count)
    }
}
