// What is known of the shots of an input, and what was planned for them: kept beside its job.
import Policy
import Terminal

/// The survey of an input, and the plan that was made by it.
struct ShotRecord: Sendable {
    /// What the survey depends on.
    var question: String
    var survey: ShotSurvey
    /// The plan, and what it was made for; nil where there is none yet.
    var shots: PlannedShots?, wish = ""

    var json: JSONValue {
        .object([
            ("question", .string(question)), ("survey", survey.json),
            ("planned", shots?.json ?? .null), ("wish", .string(wish)),
        ])
    }

    init(question: String, survey: ShotSurvey) {
        (self.question, self.survey) = (question, survey)
    }

    init?(_ json: JSONValue) {
        guard let question = json["question"]?.text,
            let survey = json["survey"].flatMap(ShotSurvey.init)
        else { return nil }
        self.init(question: question, survey: survey)
        shots = json["planned"].flatMap(PlannedShots.init)
        wish = json["wish"]?.text ?? ""
    }
}
