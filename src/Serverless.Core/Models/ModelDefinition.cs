namespace Serverless.Models;

/// <summary>What to learn and how, as <c>models/&lt;model&gt;.yaml</c> states it.</summary>
public sealed record ModelDefinition
{
    public required string Name { get; init; }

    public string? Description { get; init; }

    /// <summary>Null = the card has facts only.</summary>
    public CardDefinition? Card { get; init; }

    public required TaskKind Task { get; init; }

    public required string Dataset { get; init; }

    /// <summary>Expression over raw columns: boolean for binary, number for regression, text or whole number for multiclass.</summary>
    public required ExpressionText Label { get; init; }

    /// <summary>What is predicted in the words of people, by language (en, fr): a clause for a class ("the flight is late"), a name for a number ("the delay"). Empty = the label's expression.</summary>
    public IReadOnlyDictionary<string, string> Outcome { get; init; } = System.Collections.ObjectModel.ReadOnlyDictionary<string, string>.Empty;

    public required IReadOnlyList<FeatureDefinition> Features { get; init; }

    public required TrainerDefinition Trainer { get; init; }

    /// <summary>For trainer <c>onnx</c>; null = the file says everything.</summary>
    public OnnxDefinition? Onnx { get; init; }

    /// <summary>How far back training looks from the newest partition (or from <c>--as-of</c>); null = everything.</summary>
    public TimeSpan? Window { get; init; }

    /// <summary>The last stretch of the window, never trained on.</summary>
    public required TimeSpan Holdout { get; init; }

    public required GateDefinition Gate { get; init; }

    /// <summary>Null = nothing is searched.</summary>
    public SearchDefinition? Search { get; init; }

    public RetrainDefinition Retrain { get; init; } = new();

    /// <summary>Metrics of the user's own, beside those of the task.</summary>
    public IReadOnlyList<BusinessMetricDefinition> Metrics { get; init; } = [];

    /// <summary>What errors cost (binary); null = not stated, and the threshold is 0.5.</summary>
    public CostDefinition? Cost { get; init; }

    /// <summary>Null = compared on request, and by itself only where <see cref="RetrainDefinition.OnDrift"/> asks for it.</summary>
    public MonitorDefinition? Monitor { get; init; }

    public ApprovalKind Approval { get; init; } = ApprovalKind.Auto;

    public ApprovalTerms ApprovalTerms { get; init; } = new();

    /// <summary>Null = answers are not compared by group.</summary>
    public FairnessDefinition? Fairness { get; init; }

    public RolloutDefinition Rollout { get; init; } = new();

    public PredictionLogMode PredictionLog { get; init; }

    /// <summary>Null = one version answers all rows.</summary>
    public SegmentsDefinition? Segments { get; init; }

    /// <summary>Of which model this is a segment; null for models as files have them.</summary>
    public SegmentOf? Segment { get; init; }

    /// <summary>Null = rows are not looked at for outliers.</summary>
    public OutliersDefinition? Outliers { get; init; }

    public FeedbackDefinition Feedback { get; init; } = new();

    /// <summary>Null = batches are scored on request, and hold what the request says.</summary>
    public BatchDefinition? Batch { get; init; }

    /// <summary>Null = a request brings all that is not looked up in views.</summary>
    public EnrichmentDefinition? Enrich { get; init; }

    /// <summary>The YAML file, relative to the workspace, for messages.</summary>
    public required string File { get; init; }
}

/// <summary>What an answer waits for.</summary>
public enum PredictionLogMode
{
    /// <summary>Nothing: the record is stored within a second.</summary>
    Buffered,

    /// <summary>Its record is stored; without that there is no answer.</summary>
    Durable,
}

public enum TaskKind { Binary, Multiclass, Regression }

/// <summary>An expression and where it stands, so that an error can point into the file.</summary>
public sealed record ExpressionText(string Text, int Line = 0, int Column = 0);

public sealed record RetrainDefinition
{
    /// <summary>Five-field cron expression, UTC.</summary>
    public string? Schedule { get; init; }

    public bool OnNewData { get; init; }

    public bool OnDrift { get; init; }

    /// <summary>When realised outcomes are worse than those of the champion's training.</summary>
    public bool OnFeedback { get; init; }

    public TimeSpan Cooldown { get; init; } = TimeSpan.Zero;
}
