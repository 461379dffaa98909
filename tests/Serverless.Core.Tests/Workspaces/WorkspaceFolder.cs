using Serverless.Problems;
using Serverless.Workspaces;

namespace Serverless.Core.Tests.Workspaces;

/// <summary>A workspace in a temporary folder, valid until a test changes a file.</summary>
internal sealed class WorkspaceFolder : IDisposable
{
    public const string Flights = """
        dataset: flights
        description: US domestic flights, one row each
        partition: { column: date, grain: day }
        columns:
          date:        { type: timestamp, required: true }
          delay:       { type: integer, unit: minutes, min: -120, max: 2000 }
          distance:    { type: integer, unit: miles, min: 1 }
          origin:      { type: string, required: true, pattern: "^[A-Z]{3}$" }
          destination: { type: string, required: true, pattern: "^[A-Z]{3}$" }
        checks:
          - { check: size, min: 1000, severity: error }
          - { check: completeness, column: delay, min: 0.95, severity: warning }
        arrival: { every: 1d, due: "04:00", deadline: "06:00", onMissing: keep-last }
        """;

    public const string FlightDelay = """
        model: flight-delay
        task: binary
        dataset: flights
        label: delay > 15
        features:
          hour: date.Hour
          weekday: int(date.DayOfWeek)
          distance: distance
          origin: { from: origin, encode: one-hot }
          destination: { from: destination, encode: one-hot }
        trainer: { name: lightgbm, iterations: 100, leaves: 31, seed: 42 }
        window: 30d
        holdout: 7d
        gate: { metric: auc, min: 0.60, tolerance: 0.005, onFailure: keep-champion }
        retrain: { schedule: "0 3 * * *", onNewData: true, onDrift: true, cooldown: 12h }
        approval: auto
        rollout: { kind: canary, start: 2, step: 1, every: 15m }
        """;

    public WorkspaceFolder()
    {
        Root = Directory.CreateTempSubdirectory("workspace-").FullName;
        Write("serverless.yaml", "name: demo\n");
        Write("datasets/flights.yaml", Flights);
        Write("models/flight-delay.yaml", FlightDelay);
    }

    public string Root { get; }

    public WorkspaceFolder Write(string file, string content)
    {
        var path = Path.Combine(Root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return this;
    }

    public Workspace Load() => WorkspaceLoader.Load(Root);

    public IReadOnlyList<Problem> Problems() => WorkspaceLoader.Read(Root).Problems;

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
