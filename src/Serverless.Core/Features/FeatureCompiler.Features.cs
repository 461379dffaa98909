using Serverless.Datasets;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Training;

namespace Serverless.Features;

public static partial class FeatureCompiler
{
    private static IEnumerable<Problem> Features(ModelDefinition model, DatasetDefinition dataset, RawSchema schema, TrainerDescription? trainer)
    {
        if (model.Features.Count == 0) yield return new Problem("a model needs at least one feature", model.File);
        var leakage = new Leakage(model, dataset, TryCompile(model.Label, schema, "label", model, out _));
        foreach (var feature in model.Features)
        {
            if (TryCompile(feature.From, schema, $"feature '{feature.Name}'", model, out var problem, feature.Encode == FeatureEncoding.Cyclic) is not { } reader)
            {
                yield return problem!;
                continue;
            }

            foreach (var (message, at) in Encoding(feature, reader, dataset, trainer).Concat(leakage.Of(reader).Select(m => (m, (Parameter?)null))))
            {
                var text = $"feature '{feature.Name}': {message}";
                yield return at is null ? At(model, feature.From, text) : new Problem(text, model.File, at.Line, at.Column);
            }
        }

        foreach (var problem in SlotNames(model)) yield return problem;
    }

    private static IEnumerable<(string Message, Parameter? At)> Encoding(FeatureDefinition feature, ValueReader reader, DatasetDefinition dataset, TrainerDescription? trainer)
    {
        var encoder = FeatureEncoders.Of(feature.Encode, reader.Kind);
        var wrong = false;
        foreach (var (key, value) in feature.Settings.OrderBy(s => s.Value.Line).ThenBy(s => s.Value.Column))
        {
            var setting = encoder.Settings.FirstOrDefault(s => s.Name == key);
            var message = setting is null ? $"'{key}' is not a setting of 'encode: {encoder.Name}'; it belongs to {string.Join(" and ", FeatureEncoders.With(key))}"
                : setting.Check(value) is { } expected ? $"'{key}: {string.Join(", ", value.Items)}' {expected}" : null;
            if (message is null) continue;
            wrong = true;
            yield return (message, value);
        }

        foreach (var problem in wrong ? [] : encoder.Validate(feature, reader)) yield return problem;
        if (!encoder.Scales && feature.Scale != FeatureScale.Auto) yield return ($"'scale: {Word(feature.Scale)}' is for numbers; 'encode: {encoder.Name}' has no scale", null);
        if (!encoder.Scales && feature.Log != LogScale.None) yield return ($"'log' is for numbers; 'encode: {encoder.Name}' takes none: write it into the expression", null);
        if (encoder.Scales && feature.Log == LogScale.Natural && dataset.Columns.FirstOrDefault(c => c.Name == feature.From.Text.Trim()) is { Min: < 0 } column)
        {
            yield return (FormattableString.Invariant($"'log: true' takes numbers from 0, and the contract lets '{column.Name}' begin at {column.Min}; use 'log: signed'"), null);
        }

        if (!encoder.Missing.Contains(feature.Missing))
        {
            var allowed = encoder.Missing.Select(m => m == MissingHandling.Value ? "a number" : Word(m));
            yield return ($"'missing: {(feature.Missing == MissingHandling.Value ? FormattableString.Invariant($"{feature.MissingValue}") : Word(feature.Missing))}' does not go with 'encode: {encoder.Name}'; allowed: {string.Join(", ", allowed)}", null);
        }
        else if (feature.Missing == MissingHandling.Keep && (encoder.Scales || encoder.Timestamps) && trainer is { Traits.NativeMissing: false })
        {
            yield return ($"trainer '{trainer.Name}' cannot take missing values; {(encoder.Scales ? "use missing: mean, median or a value" : "leave 'missing' out")}", null);
        }
    }

    /// <summary>A feature of several slots names them after itself.</summary>
    private static IEnumerable<Problem> SlotNames(ModelDefinition model)
    {
        foreach (var several in model.Features.Where(f => f.Indicator || f.Encode is FeatureEncoding.Cyclic or FeatureEncoding.Text))
        {
            foreach (var other in model.Features.Where(f => f.Name.StartsWith(several.Name + ".", StringComparison.Ordinal)))
            {
                yield return At(model, other.From, $"feature '{other.Name}': names that begin with '{several.Name}.' belong to the parts of feature '{several.Name}'; give it another name");
            }
        }
    }

    private static string Word<T>(T value) where T : struct, Enum => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}
