using System.Text.Json;
using Serverless.Alerts;
using Serverless.Checks;
using Serverless.Datasets;
using Serverless.Profiles;

namespace Serverless.Partitions;

/// <summary>
/// Writes one of each document of an ingest to nowhere, beside the start of a process's first ingest, which uses one processor. How a type is read and written is compiled at its first use; without
/// this all workers wait for it together when their first files are ready (bench/README.md, "Ingest").
/// </summary>
internal static class FirstDocuments
{
    private static readonly Lazy<Task> Written = new(() => Task.Run(Write));

    public static void Begin()
    {
        if (Environment.ProcessorCount > 1) _ = Written.Value;
    }

    internal static void Write()
    {
        var number = new NumericState<long>("number", ColumnType.Integer);
        number.Add([1, 2], [1, 2]);
        var text = (TextState)ColumnState.Create("text", ColumnType.String);
        text.Add(["a", "b"], [1, 2]);
        var entry = new PartitionEntry { Id = "", Key = "2001-01-01", Path = "", Rows = 1, Bytes = 1, Sha256 = "", Failed = Severity.Warning, Supersedes = [""] };
        var check = new CheckResult { Check = "size", Column = "number", Metric = "size", Outcome = Outcome.Passed, Value = 1, Expectation = "", Severity = Severity.Error };

        Once(new ProfileState(3, [number, text]).ToProfile());
        Once(new PartitionChecks { Id = "", Checks = [check], Scans = 1, States = [new StoredState("", new CountState(1))] });
        Once(new PartitionManifest
        {
            Id = "", Dataset = "", Key = "", Rows = 1, Bytes = 1, Sha256 = "", Drop = "", ContractVersion = "", CodeVersion = "", Columns = ["number"], Quarantined = 0,
        });
        Once(new CutDrop
        {
            Drop = "", File = "", Bytes = 1, ContractVersion = "", Quarantined = 0, Partitions = [entry], Failed = [check], Judged = [new JudgedCheck("", "", false, Severity.Error, 1, "", "")],
        });
        Once(new Commit
        {
            Dataset = "", Version = 1, Drop = "", File = "", Bytes = 1, WrittenAt = default, By = "", Run = "", ContractVersion = "", CodeVersion = "", Quarantined = 0, Partitions = [entry],
        });
        Once(new Signal { Kind = SignalKind.Check, Subject = "", Name = "", Period = "", Bad = false, Severity = Severity.Error, Value = 1, Expectation = "", Message = "", At = default, Run = "" });
    }

    private static void Once<T>(T document) => JsonSerializer.Deserialize<T>(JsonSerializer.SerializeToUtf8Bytes(document, ServerlessJson.Options), ServerlessJson.Options);
}
