using Serverless.Datasets;
using Serverless.Models;

namespace Serverless.Monitoring;

/// <summary>The columns of <c>reference.parquet</c> beside the dataset's own; no contract can have their names.</summary>
internal static class ReferenceColumns
{
    /// <summary>What was to be predicted; missing where the row has no label.</summary>
    public const string Label = "_label";

    /// <summary><c>train</c> or <c>holdout</c>.</summary>
    public const string Part = "_part";

    /// <summary>What the version predicts, on the holdout only: on rows that it learned from it is better than it will be.</summary>
    public const string Prediction = "_prediction";

    /// <summary>Binary: probability of true. Multiclass: that of the predicted class. Regression: the value.</summary>
    public const string Score = "_score";

    public const string Train = "train";
    public const string Holdout = "holdout";

    /// <summary>The type of labels and predictions.</summary>
    public static ColumnType TypeOf(TaskKind task) => task switch { TaskKind.Binary => ColumnType.Boolean, TaskKind.Multiclass => ColumnType.String, _ => ColumnType.Number };

    public static ColumnDefinition Definition(string name, TaskKind task) => new()
    {
        Name = name, Type = name switch { Part => ColumnType.String, Score => ColumnType.Number, _ => TypeOf(task) },
    };
}
