using Serverless.Datasets;
using Serverless.Models;
using Serverless.Problems;
using Serverless.Training;

namespace Serverless.Features;

/// <summary>Learns from the training rows what features need to know: categories, means, medians, scales. Deterministic, whatever the number of cores.</summary>
public static class FeatureFitting
{
    /// <summary>More categories than this are an identifier, not a category.</summary>
    public const int MaxCategories = 10_000;

    private const int ChunkRows = 16_384;

    /// <summary>Fits the features of a model on the given rows of a table.</summary>
    /// <exception cref="DataException">A category with more than <see cref="MaxCategories"/> values, or a feature that no training row has.</exception>
    public static FeaturePlan Fit(ModelDefinition model, RawSchema dataset, TrainerTraits traits, Table table, int[] rows, CancellationToken cancel = default)
    {
        var readers = model.Features.Select(f => FeatureCompiler.Compile(f.From, dataset, $"feature '{f.Name}'", model.File)).ToArray();
        var read = readers.SelectMany(r => r.Columns).ToHashSet(StringComparer.Ordinal);
        var inputs = dataset.Columns.Where(c => read.Contains(c.Name)).ToArray();
        var schema = new RawSchema(inputs);
        var loader = new RowLoader(table, schema);
        var bound = model.Features.Select(f => FeatureCompiler.Compile(f.From, schema, $"feature '{f.Name}'", model.File)).ToArray();
        var fits = model.Features.Select((f, i) => Fitter.Create(f, bound[i], traits)).ToArray();
        var chunks = (rows.Length + ChunkRows - 1) / ChunkRows;
        var parts = new Fitter[chunks][];
        Parallel.For(0, chunks, new ParallelOptions { CancellationToken = cancel }, schema.NewRow, (chunk, _, row) =>
        {
            var part = parts[chunk] = [.. fits.Select(f => f.New())];
            for (var i = chunk * ChunkRows; i < Math.Min(rows.Length, (chunk + 1) * ChunkRows); i++)
            {
                loader.Load(rows[i], row);
                foreach (var fit in part) fit.Add(row);
            }

            return row;
        }, static _ => { });
        // Merged in the order of the rows, so that sums do not depend on which core was first.
        foreach (var part in parts)
        {
            for (var f = 0; f < fits.Length; f++) fits[f].Merge(part[f]);
        }

        return new FeaturePlan(new FeaturePlanState { Inputs = inputs, Features = [.. fits.Select(f => f.Finish(model))] });
    }

    private abstract class Fitter(FeatureDefinition feature, ValueReader reader, TrainerTraits traits)
    {
        protected FeatureDefinition Feature => feature;

        protected ValueReader Reader => reader;

        protected TrainerTraits Traits => traits;

        public static Fitter Create(FeatureDefinition feature, ValueReader reader, TrainerTraits traits) =>
            feature.Encode is FeatureEncoding.Category or FeatureEncoding.OneHot || reader.Kind == ValueKind.Text
                ? new CategoryFitter(feature, reader, traits)
                : new NumberFitter(feature, reader, traits);

        public abstract Fitter New();

        public abstract void Add(RawRow row);

        public abstract void Merge(Fitter later);

        public abstract FittedFeature Finish(ModelDefinition model);

        protected DataException NoValue(ModelDefinition model) => new(
            $"feature '{feature.Name}' of model '{model.Name}' is missing in every training row; see whether the column in '{feature.From.Text}' is filled in the drops");
    }

    private sealed class CategoryFitter(FeatureDefinition feature, ValueReader reader, TrainerTraits traits) : Fitter(feature, reader, traits)
    {
        private readonly HashSet<string> texts = new(StringComparer.Ordinal);
        private readonly HashSet<double> numbers = [];

        public override Fitter New() => new CategoryFitter(Feature, Reader, Traits);

        public override void Add(RawRow row)
        {
            if (Reader.Kind == ValueKind.Text)
            {
                if (texts.Count <= MaxCategories && Reader.Text(row) is { } text) texts.Add(text);
            }
            else if (numbers.Count <= MaxCategories && Reader.Number(row) is var number && double.IsFinite(number))
            {
                numbers.Add(number);
            }
        }

        public override void Merge(Fitter later)
        {
            texts.UnionWith(((CategoryFitter)later).texts);
            numbers.UnionWith(((CategoryFitter)later).numbers);
        }

        public override FittedFeature Finish(ModelDefinition model)
        {
            var count = texts.Count + numbers.Count;
            if (count == 0) throw NoValue(model);
            if (count > MaxCategories)
            {
                throw new DataException($"feature '{Feature.Name}' of model '{model.Name}' has more than {MaxCategories} different values; "
                    + "that is an identifier rather than a category: take a part of it, or leave it out");
            }

            string[] categories = Reader.Kind == ValueKind.Text ? [.. texts.Order(StringComparer.Ordinal)] : [.. numbers.Order().Select(FeaturePlan.CategoryText)];
            return new FittedFeature
            {
                Name = Feature.Name,
                From = Feature.From.Text,
                Categories = categories,
                OneHot = Feature.Encode == FeatureEncoding.OneHot || !Traits.NativeCategories,
            };
        }
    }

    private sealed class NumberFitter(FeatureDefinition feature, ValueReader reader, TrainerTraits traits) : Fitter(feature, reader, traits)
    {
        private readonly List<double>? values = feature.Missing == MissingHandling.Median ? [] : null;
        private long count;
        private long missing;
        private double mean;
        private double squares;

        public override Fitter New() => new NumberFitter(Feature, Reader, Traits);

        public override void Add(RawRow row)
        {
            var value = Reader.Number(row);
            if (!float.IsFinite((float)value))
            {
                missing++;
                return;
            }

            // Welford (1962): no cancellation, however far the mean lies from zero.
            var delta = value - mean;
            mean += delta / ++count;
            squares += delta * (value - mean);
            values?.Add(value);
        }

        public override void Merge(Fitter later)
        {
            var other = (NumberFitter)later;
            missing += other.missing;
            values?.AddRange(other.values!);
            if (other.count == 0) return;
            var total = count + other.count;
            var delta = other.mean - mean;
            mean += delta * other.count / total;
            squares += other.squares + delta * delta * ((double)count * other.count / total);
            count = total;
        }

        public override FittedFeature Finish(ModelDefinition model)
        {
            if (count == 0) throw NoValue(model);
            var deviation = Math.Sqrt(squares / count);
            return new FittedFeature
            {
                Name = Feature.Name,
                From = Feature.From.Text,
                Fill = FillValue(),
                Mean = Traits.NeedsScaling ? mean : null,
                Scale = Traits.NeedsScaling ? (deviation > 0 ? deviation : 1) : null,
            };
        }

        private double? FillValue() => Feature.Missing switch
        {
            MissingHandling.Keep => null,
            MissingHandling.Value => Feature.MissingValue ?? 0,
            MissingHandling.Median => Median(),
            MissingHandling.Mean => mean,
            // A trainer that never met a missing value would read it as zero; the mean is the better guess.
            _ => Traits.NativeMissing && missing > 0 ? null : mean,
        };

        private double Median()
        {
            var sorted = values!.ToArray();
            Array.Sort(sorted);
            var middle = sorted.Length / 2;
            return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        }
    }
}
