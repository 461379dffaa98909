using Serverless.Datasets;
using Serverless.Evaluation;
using Serverless.Features;
using Serverless.Models;

namespace Serverless.Training;

/// <summary>The columns of the dataset that a model reads to learn and to be judged by its metrics.</summary>
internal static class TrainingColumns
{
    public static IEnumerable<string> Of(ModelDefinition model, DatasetDefinition dataset)
    {
        var schema = FeatureCompiler.SchemaOf(model, dataset);
        return FeatureCompiler.Compile(model.Label, schema, "label", model.File).Columns
            .Concat(model.Features.SelectMany(f => FeatureCompiler.Compile(f, schema, model.File).Columns))
            .Concat(BusinessMetrics.Columns(model, dataset))
            .Concat(Segments.SegmentConditions.Columns(model, dataset))
            .Concat(KeysOf(schema.Columns));
    }

    /// <summary>The columns by which others are looked up.</summary>
    public static IEnumerable<string> KeysOf(IEnumerable<RawColumn> columns) => columns.Where(c => c.Lookup is not null).SelectMany(c => c.Lookup!.Keys.Select(k => k.Column));
}
