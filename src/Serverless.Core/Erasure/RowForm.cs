namespace Serverless.Erasure;

/// <summary>In which form a stored Parquet file holds rows of a dataset.</summary>
public enum RowForm
{
    /// <summary>The contracted columns in their types: partitions, and samples kept with a model. A row that goes is left out.</summary>
    Typed,

    /// <summary>The contracted columns as text: quarantine. A row that goes is left out.</summary>
    Text,

    /// <summary>Predictions, with the row as JSON in <c>inputs</c>. The prediction stays, its inputs and its subject are blanked.</summary>
    Predictions,
}
