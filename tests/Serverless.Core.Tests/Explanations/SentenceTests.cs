using Serverless.Explanations;
using Serverless.Explanations.Sentences;
using Serverless.Models;

namespace Serverless.Core.Tests.Explanations;

public sealed class SentenceTests
{
    private static readonly Dictionary<string, string> None = [];

    private static readonly Reason Distance = new("distance", new Dictionary<string, string> { ["en"] = "the distance", ["fr"] = "la distance" }, 2400L, "miles", TimePart.None);

    private static readonly Reason Hour = new("hour", None, 18.0, null, TimePart.Hour);

    private static readonly Reason Origin = new("origin", None, "ORD", null, TimePart.None);

    private static SentenceFacts Binary(double before, double after, IReadOnlyList<Reason> reasons, params Reason[] against) => new()
    {
        Task = TaskKind.Binary, Outcome = new PredictedThing("delay > 15", false, null, None), BaselineAnswer = before, Answer = after, For = reasons, Against = against,
    };

    private static string En(SentenceFacts facts) => new EnglishSentences().Write(facts);

    // Narrow no-break spaces as ~, so that a reader of the test sees them.
    private static string Fr(SentenceFacts facts) => new FrenchSentences().Write(facts).Replace('\u202F', '~');

    [Fact]
    public void Write_BinaryRaised_NamesValuesWithUnits()
    {
        var facts = Binary(0.21, 0.434, [Distance, Hour]);
        En(facts).ShouldBe("Because the distance is 2,400 miles and the hour is 18, the model raises the probability that delay > 15 from 21% to 43%.");
        Fr(facts).ShouldBe("Parce que la distance est de 2~400 miles et que l’heure est 18~h, le modèle relève de 21~% à 43~% la probabilité que «~delay > 15~».");
    }

    [Fact]
    public void Write_Outcome_IsSaidInThePeoplesWords()
    {
        var facts = Binary(0.21, 0.09, [Origin], Distance) with
        {
            Outcome = new PredictedThing("delay > 15", false, null, new Dictionary<string, string> { ["en"] = "the flight is late", ["fr"] = "il est en retard" }),
        };
        En(facts).ShouldBe("Because the origin is ORD, the model lowers the probability that the flight is late from 21% to 9%; working the other way, the distance is 2,400 miles.");
        Fr(facts).ShouldBe("Parce que «~origin~» vaut ORD, le modèle abaisse de 21~% à 9~% la probabilité qu’il est en retard~; en sens contraire, la distance est de 2~400 miles.");
    }

    [Fact]
    public void Write_MissingValue_IsNamedAsSuch()
    {
        var facts = Binary(0.2, 0.3, [Distance with { Value = null }, Origin with { Value = null }, Hour with { Value = 7.0 }]);
        En(facts).ShouldBe("Because the distance is missing, the origin is missing and the hour is 7, the model raises the probability that delay > 15 from 20% to 30%.");
        Fr(facts).ShouldBe("Parce que la distance manque, que «~origin~» manque et que l’heure est 7~h, le modèle relève de 20~% à 30~% la probabilité que «~delay > 15~».");
    }

    [Fact]
    public void Write_ParticularValues_FollowTheLanguage()
    {
        Reason[] reasons =
        [
            new("weekday", None, 6.0, null, TimePart.DayOfWeek), new("month", None, 8.0, null, TimePart.Month),
            new("rain", new Dictionary<string, string> { ["fr"] = "les précipitations" }, 1.0, "millimetres", TimePart.None),
        ];
        var facts = Binary(0.0002, 0.9999, reasons);
        En(facts).ShouldBe("Because the day of the week is Saturday, the month is August and the rain is 1 millimetre, the model raises the probability that delay > 15 from less than 0.1% to more than 99.9%.");
        Fr(facts).ShouldBe("Parce que le jour de la semaine est samedi, que le mois est août et que les précipitations sont de 1 millimètre, le modèle relève de moins de 0,1~% à plus de 99,9~% la probabilité que «~delay > 15~».");
        var moment = Binary(0.2, 0.3, [new("date", None, new DateTime(2001, 3, 1, 18, 5, 0, DateTimeKind.Utc), null, TimePart.None), new("open", None, true, null, TimePart.None), new("humidity", None, 45.25, "%", TimePart.None)]);
        En(moment).ShouldBe("Because the date is 1 March 2001 at 18:05, the open is true and the humidity is 45.25%, the model raises the probability that delay > 15 from 20% to 30%.");
        Fr(moment).ShouldBe("Parce que «~date~» vaut 1er mars 2001 à 18~h~05, que «~open~» vaut vrai et que «~humidity~» vaut 45,25~%, le modèle relève de 20~% à 30~% la probabilité que «~delay > 15~».");
    }

    [Fact]
    public void Write_Regression_NamesTheUnitOfTheTarget()
    {
        var facts = new SentenceFacts { Task = TaskKind.Regression, Outcome = new PredictedThing("delay", true, "minutes", None), BaselineAnswer = 12.125, Answer = 23.4, For = [Distance], Against = [] };
        En(facts).ShouldBe("Because the distance is 2,400 miles, the model raises its estimate of the delay from 12.13 to 23.4 minutes.");
        Fr(facts).ShouldBe("Parce que la distance est de 2~400 miles, le modèle relève de 12,13 à 23,4 minutes son estimation pour «~delay~».");
        En(facts with { Answer = 1, BaselineAnswer = 1, For = [] }).ShouldBe("All in all nothing moves the model: it leaves its estimate of the delay at 1 minute.");
    }

    [Fact]
    public void Write_Multiclass_NamesTheClass()
    {
        var facts = new SentenceFacts { Task = TaskKind.Multiclass, Outcome = new PredictedThing("weather", true, null, None), Class = "rain", BaselineAnswer = 0.3, Answer = 0.62, For = [Origin], Against = [] };
        En(facts).ShouldBe("Because the origin is ORD, the model finds ‘rain’ the most likely, with a probability of 62%.");
        Fr(facts).ShouldBe("Parce que «~origin~» vaut ORD, le modèle juge «~rain~» le plus vraisemblable, avec une probabilité de 62~%.");
        En(facts with { IsPredicted = false, Answer = 0.004 }).ShouldBe("Because the origin is ORD, the model gives ‘rain’ a probability of 0.4%.");
    }

    [Fact]
    public void Explain_RealModel_NamesTheHourOfADateAndTheContractsWords()
    {
        var plan = Games.Plan([.. Games.Simple.Select(f => f with { Missing = MissingHandling.Auto })], new Serverless.Training.TrainerTraits(false, false, true));
        var dataset = Features.Fixture.Dataset with { Columns = [.. Features.Fixture.Dataset.Columns.Select(c => c.Name == "origin" ? c with { Labels = new Dictionary<string, string> { ["fr"] = "le départ" } } : c)] };
        var setup = Games.Setup(plan, AdditiveTermsTests.Linear(plan, 2));
        var explainer = Games.Explainer(setup, dataset);
        foreach (var row in Games.Rows(plan, 20))
        {
            var explanation = explainer.Explain(row, new ExplanationOptions(Language: "fr"));
            explanation.Sentence.ShouldMatch("^(Parce qu.* le modèle (relève|abaisse) de|Au total, rien).*\\.$");
            explanation.Sentence.ShouldNotContain("origin");
            explanation.Sentence.ShouldNotContain("date");
            explanation.Contributions.Select(c => c.Feature).Order().ShouldBe(["date", "distance", "origin", "weekend"]);
            (explanation.Baseline + explanation.Contributions.Sum(c => c.Amount)).ShouldBe(explanation.Score, 1e-9);
            explanation.Answer.ShouldBe(1 / (1 + Math.Exp(-explanation.Score)), 1e-12);
            var date = explanation.Contributions.Single(c => c.Feature == "date");
            date.Parts.Select(p => p.Feature).ShouldBe(["hour", "weekday"]);
            date.Parts.Sum(p => p.Amount!.Value).ShouldBe(date.Amount, 1e-9);
        }
    }

    [Fact]
    public void Explain_UnknownLanguageMethodOrClass_SaysWhatThereIs()
    {
        var plan = Games.Plan(Games.Simple);
        var explainer = Games.Explainer(Games.Setup(plan, Games.Trees(plan, 1, link: Serverless.Scoring.Predictors.Link.Sigmoid)));
        var row = Games.Rows(plan, 1)[0];
        Should.Throw<Serverless.Problems.RequestException>(() => explainer.Explain(row, new(Language: "de"))).Message.ShouldBe("language 'de' is not known. Languages: en, fr.");
        Should.Throw<Serverless.Problems.RequestException>(() => explainer.Explain(row, new("sample"))).Message.ShouldBe(
            "method 'sample' is not known. Did you mean 'sampled'? Methods: auto, additive, interventional, lime, path-dependent, sampled.");
        Should.Throw<Serverless.Problems.RequestException>(() => explainer.Explain(row, new("additive"))).Message.ShouldBe(
            "method 'additive' cannot explain model 'late' version 1: the model is no sum of terms of one feature each.");
        Should.Throw<Serverless.Problems.RequestException>(() => explainer.Explain(row, new(Class: "rain"))).Message.ShouldBe("model 'late' has no classes to choose from; leave 'class' out.");
    }

    [Fact]
    public void Explain_NoBackground_SaysWhatToDo()
    {
        var plan = Games.Plan(Games.Simple);
        var with = Games.Setup(plan, Games.Trees(plan, 1));
        var explainer = Games.Explainer(new ExplanationSetup(with.Pipeline, null, "this version kept none: train it again"));
        Should.Throw<Serverless.Problems.DataException>(() => explainer.Explain(Games.Rows(plan, 1)[0])).Message.ShouldBe(
            "model 'late' version 1 cannot be explained: it compares a row with rows that the version learned from, and this version kept none: train it again.");
    }
}
