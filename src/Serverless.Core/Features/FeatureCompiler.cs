using Serverless.Datasets;
using Serverless.Models;
using Serverless.Problems;

namespace Serverless.Features;

/// <summary>From the text of features and labels to readers, and from a model file to everything that is wrong with it.</summary>
public static partial class FeatureCompiler
{
    /// <summary>Compiles one expression over the columns of a schema.</summary>
    /// <exception cref="ConfigurationException">It does not compile; the problem points at the place in <paramref name="file"/>.</exception>
    public static ValueReader Compile(ExpressionText expression, RawSchema schema, string what, string file) => Compile(expression, schema, what, file, times: false);

    /// <summary>The expression of a feature, which may be a timestamp where the encoding takes one.</summary>
    /// <exception cref="ConfigurationException">It does not compile.</exception>
    public static ValueReader Compile(FeatureDefinition feature, RawSchema schema, string file) =>
        Compile(feature.From, schema, $"feature '{feature.Name}'", file, feature.Encode == FeatureEncoding.Cyclic);

    private static ValueReader Compile(ExpressionText expression, RawSchema schema, string what, string file, bool times)
    {
        try
        {
            return ExpressionCompiler.Compile(expression.Text, schema, times);
        }
        catch (ExpressionException e)
        {
            throw new ConfigurationException([ToProblem(what, expression, file, e)]);
        }
    }

    /// <summary>The raw schema of a dataset: its contracted columns in their order.</summary>
    public static RawSchema SchemaOf(DatasetDefinition dataset) =>
        new([.. dataset.Columns.Select(c => new RawColumn(c.Name, c.Type, c.Required, c.Unit, c.Description))]);

    /// <summary>What the features of a model can read: the dataset's columns, and those that are looked up for it.</summary>
    public static RawSchema SchemaOf(ModelDefinition model, DatasetDefinition dataset) => new(
    [
        .. SchemaOf(dataset).Columns,
        .. model.Features.Where(f => f.Lookup is not null).Select(f => new RawColumn(f.Name, f.Lookup!.Type, Required: false, Lookup: f.Lookup)),
    ]);

    internal static ValueReader CompileStored(FittedFeature feature, RawSchema schema, FunctionSet functions)
    {
        try
        {
            return ExpressionCompiler.Compile(feature.From, schema, FeatureEncoders.Of(feature).Timestamps, functions);
        }
        catch (ExpressionException e)
        {
            throw new DataException($"the model's feature '{feature.Name}' cannot be compiled by this version: {e.Message}", e);
        }
    }

    private static Problem ToProblem(string what, ExpressionText expression, string file, ExpressionException e) =>
        new($"{what}: {e.Message}", file, expression.Line == 0 ? null : expression.Line, expression.Line == 0 ? null : expression.Column);
}
