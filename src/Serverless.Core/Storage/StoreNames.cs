namespace Serverless.Storage;

/// <summary>
/// Every container, queue and table that the system uses. <c>infra/names.json</c> holds the same names for Bicep; a test compares the two.
/// </summary>
public static class StoreNames
{
    public static class Containers
    {
        public const string Landing = "landing";
        public const string Data = "data";
        public const string Quarantine = "quarantine";
        public const string Models = "models";
        public const string Runs = "runs";
        public const string Predictions = "predictions";
        public const string Feedback = "feedback";

        public static IReadOnlyList<string> All { get; } = [Landing, Data, Quarantine, Models, Runs, Predictions, Feedback];
    }

    public static class Queues
    {
        public const string Work = "work";
        public const string WorkPoison = "work-poison";

        public static IReadOnlyList<string> All { get; } = [Work, WorkPoison];
    }

    public static class Tables
    {
        /// <summary>One row for each run; partition = run kind.</summary>
        public const string Runs = "runs";

        /// <summary>Drops seen in landing; partition = dataset.</summary>
        public const string Drops = "drops";

        /// <summary>Model versions; partition = model, row = version as ten digits.</summary>
        public const string Versions = "versions";

        /// <summary>Aliases such as champion; partition = model, row = alias.</summary>
        public const string Aliases = "aliases";

        /// <summary>Append-only history of promotions; partition = model.</summary>
        public const string Audit = "audit";

        /// <summary>Leases; partition = purpose, row = name.</summary>
        public const string Leases = "leases";

        /// <summary>Decisions to retrain or not; partition = model.</summary>
        public const string Decisions = "decisions";

        /// <summary>What was observed, good and bad; partition = UTC day.</summary>
        public const string Signals = "signals";

        /// <summary>Data that were due; partition = dataset.</summary>
        public const string Arrivals = "arrivals";

        /// <summary>How far the sources of datasets were pulled, and their limits; partition = dataset.</summary>
        public const string Sources = "sources";

        /// <summary>Alerts with their outboxes; one partition.</summary>
        public const string Alerts = "alerts";

        /// <summary>Incidents: their heads in one partition, each timeline in a partition of its own.</summary>
        public const string Incidents = "incidents";

        /// <summary>Reports of monitoring; partition = model, newest first.</summary>
        public const string Drift = "drift";

        /// <summary>What MLflow's clients log: experiments, runs and registered models beside our own.</summary>
        public const string Mlflow = "mlflow";

        /// <summary>Notes and tags of runs; partition = run kind, row = run.</summary>
        public const string RunNotes = "runnotes";

        /// <summary>Rollouts of models; partition = model, row = number.</summary>
        public const string Rollouts = "rollouts";

        /// <summary>What processes counted of rollouts; partition = rollout, row = process.</summary>
        public const string RolloutCounts = "rolloutcounts";

        /// <summary>Hashes of keys that may call the API; one partition.</summary>
        public const string ApiKeys = "apikeys";

        /// <summary>Online values of feature views: heads in a partition named after the source, each generation in one of its own.</summary>
        public const string Features = "features";

        public static IReadOnlyList<string> All { get; } = [Runs, Drops, Versions, Aliases, Audit, Leases, Decisions, Signals, Arrivals, Sources, Alerts, Incidents, Drift, Mlflow, RunNotes, Rollouts, RolloutCounts, ApiKeys, Features];
    }
}
