import Learning
import Testing

@Suite("Schedules")
struct ScheduleTests {
    @Test("A cosine warms up, peaks, is half way in the middle, ends and stays at its end")
    func cosine() {
        let schedule = Schedule.cosine(peak: 1, final: 0.1, warmUp: 9, steps: 109)
        #expect(abs(schedule.rate(at: 0) - 0.1) < 1e-12)
        #expect(abs(schedule.rate(at: 4) - 0.5) < 1e-12)
        #expect(schedule.rate(at: 9) == 1)
        #expect(abs(schedule.rate(at: 59) - 0.55) < 1e-12)
        #expect(schedule.rate(at: 109) == 0.1)
        #expect(schedule.rate(at: 1_000_000) == 0.1)
        for step in 9..<109 { #expect(schedule.rate(at: step) > schedule.rate(at: step + 1)) }
    }

    @Test("Steps multiply the rate from each milestone on")
    func step() {
        let schedule = Schedule.step(initial: 8, factor: 0.5, milestones: [10, 20])
        #expect([0, 9, 10, 19, 20, 99].map(schedule.rate) == [8, 8, 4, 4, 2, 2])
    }

    @Test("A constant rate is constant")
    func constant() {
        #expect(Schedule.constant(0.3).rate(at: 0) == 0.3)
        #expect(Schedule.constant(0.3).rate(at: 9999) == 0.3)
    }
}
