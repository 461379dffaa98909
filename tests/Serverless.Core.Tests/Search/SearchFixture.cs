using System.Text.Json;
using Serverless.Core.Tests.Runs;
using Serverless.Core.Tests.Training;
using Serverless.Models;
using Serverless.Search;

namespace Serverless.Core.Tests.Search;

/// <summary>Searches through the real engine and store, with data in memory.</summary>
internal static class SearchFixture
{
    public static SearchDefinition Definition { get; } = new()
    {
        Trials = 12, Sampler = new(["tpe"], false, 20, 3), Line = 20, Column = 3,
        Trainers = [new SearchedTrainer("half", [Range("learning-rate", 0.001, 10, log: true), Range("steps", 1, 12)], 21, 3)],
    };

    public static ModelDefinition Model(SearchDefinition? search = null, params (string Name, string Value)[] settings) => TrainFixture.Binary(settings.Length == 0 ? [("steps", "3"), ("learning-rate", "0.01")] : settings) with { Search = search ?? Definition };

    public static SearchedSetting Range(string name, double min, double max, bool log = false) => new(name, null, new SearchedRange(min, max, log), 22, 5);

    public static TrainFixture Open(SearchDefinition? search = null, string? store = null, Fuse? fuse = null, bool alerts = false) => new TrainFixture(Model(search), store, fuse, alerts).WithDays(12, rows: 48);

    public static Task<string> StartAsync(this TrainFixture fixture, string? id = null, bool train = true) =>
        fixture.Engine.StartAsync(new SearchState { Model = "late", Reason = "test", By = "cli:alice", Train = train }, id);

    public static async Task<SearchView> SearchAsync(this TrainFixture fixture, string? id = null, bool train = true)
    {
        var run = await fixture.StartAsync(id, train);
        await fixture.FinishAsync(run);
        return await fixture.Get<ISearches>().LookAsync(run);
    }

    /// <summary>Everything of a search's trials that must not depend on who made them: their order, what was tried and what it came to.</summary>
    public static string Text(this SearchView view) => JsonSerializer.Serialize(view.Trials.Select(t => new { t.State.Number, t.State.Rung, t.State.From, t.State.Trainer, t.State.Values, t.State.Settings, t.State.Report?.Metrics, t.State.Report?.Failure, t.State.Report?.LearnedRows }), ServerlessJson.Options);
}
