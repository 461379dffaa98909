using System.Globalization;
using Serverless.Datasets;
using Serverless.Models;
using Serverless.Training;

namespace Serverless.Features;

/// <summary>
/// Sine and cosine of 2 pi times the share of the period that has passed: 23 h lies beside 0 h. A number's period is given or follows from the expression
/// (<c>date.Hour</c>: 24); a timestamp has one pair for each part of time that is asked for, without steps.
/// </summary>
internal sealed class CyclicEncoder : IFeatureEncoder
{
    private const string Key = "period";

    // Average length of a month and a year: the last day of a shorter one lies a little before the end of the circle.
    private static readonly (string Ending, double Period)[] Known =
        [(".Hour", 24), (".Minute", 60), (".Second", 60), (".DayOfWeek", 7), (".Month", 12), (".DayOfYear", 365.2425), (".Day", 30.436875)];

    private static readonly string[] Parts = ["hour", "day", "week", "month", "year"];

    public string Name => "cyclic";

    public bool Timestamps => true;

    public IReadOnlyList<EncoderSetting> Settings { get; } = [new EncoderSetting(Key, static _ => null)];

    public IReadOnlyList<MissingHandling> Missing { get; } = [MissingHandling.Auto, MissingHandling.Keep];

    public IEnumerable<(string Message, Parameter? At)> Validate(FeatureDefinition feature, ValueReader reader)
    {
        if (reader.Kind is ValueKind.Text or ValueKind.Boolean)
        {
            yield return ($"'{feature.From.Text}' gives {FeatureCompiler.Word(reader.Kind)}; 'encode: cyclic' takes a timestamp or a number", null);
            yield break;
        }

        var at = feature.Settings.GetValueOrDefault(Key);
        if (reader.Kind == ValueKind.Timestamp)
        {
            if (at is null || at.Items.Count == 0 || at.Items.Any(i => !Parts.Contains(i)) || at.Items.Distinct().Count() < at.Items.Count)
            {
                yield return ($"the period of a timestamp is one or several of {string.Join(", ", Parts)}, each once, such as 'period: [day, week]'{(at is null ? "" : $", not '{string.Join(", ", at.Items)}'")}", at);
            }
        }
        else if (at is null)
        {
            if (Inferred(feature.From.Text) is null) yield return ($"the period of '{feature.From.Text}' cannot be told from the expression; give it, such as 'period: 24'", null);
        }
        else if (at.IsList || EncoderSetting.Number(at.Text) is not (> 0 and < double.PositiveInfinity))
        {
            yield return ($"the period of a number is a number above 0, such as 'period: 24', not '{string.Join(", ", at.Items)}'", at);
        }
    }

    public FeatureFitter NewFitter(FeatureDefinition feature, ValueReader reader, TrainerTraits traits) => new Fitter(feature, reader, traits);

    public IReadOnlyList<FeatureSlot> Slots(FittedFeature feature) =>
        [.. feature.Periods!.SelectMany(p => Parts.Contains(p) ? new[] { $"{feature.Name}.{p}.sin", $"{feature.Name}.{p}.cos" } : [$"{feature.Name}.sin", $"{feature.Name}.cos"])
            .Select(n => new FeatureSlot(n, 0, false) { Feature = feature.Name })];

    public FeatureWriter Compile(FittedFeature feature, ValueReader reader)
    {
        var missing = (float?)feature.Fill ?? float.NaN;
        return reader.Kind == ValueKind.Timestamp ? new TimeWriter(reader, [.. feature.Periods!], missing)
            : new NumberWriter(reader, double.Parse(feature.Periods![0], CultureInfo.InvariantCulture), missing);
    }

    /// <summary>The period of an expression such as <c>date.Hour</c> or <c>int(date.DayOfWeek)</c>.</summary>
    internal static double? Inferred(string expression)
    {
        var text = expression.Trim();
        if (text.StartsWith("int(", StringComparison.Ordinal) && text.EndsWith(')')) text = text[4..^1].Trim();
        var member = text.All(c => char.IsLetterOrDigit(c) || c is '_' or '.') ? Known.FirstOrDefault(k => text.EndsWith(k.Ending, StringComparison.Ordinal)) : default;
        return member.Ending is null ? null : member.Period;
    }

    private static void Write(double share, Span<float> pair)
    {
        var (sin, cos) = Math.SinCos(2 * Math.PI * share);
        (pair[0], pair[1]) = ((float)sin, (float)cos);
    }

    private sealed class NumberWriter(ValueReader reader, double period, float missing) : FeatureWriter
    {
        public override bool Write(RawRow row, Span<float> slots)
        {
            var turns = reader.Number(row) / period;
            var present = double.IsFinite(turns);
            if (present) CyclicEncoder.Write(turns - Math.Floor(turns), slots);
            else slots[..2].Fill(missing);
            return present;
        }
    }

    private sealed class TimeWriter(ValueReader reader, string[] parts, float missing) : FeatureWriter
    {
        public override bool Write(RawRow row, Span<float> slots)
        {
            var present = reader.TryTicks(row, out var ticks);
            for (var i = 0; i < parts.Length; i++)
            {
                if (present) CyclicEncoder.Write(Share(parts[i], ticks), slots[(2 * i)..]);
                else slots.Slice(2 * i, 2).Fill(missing);
            }

            return present;
        }

        private static double Share(string part, long ticks)
        {
            const long Week = 7 * TimeSpan.TicksPerDay;
            var time = new DateTime(ticks);
            var day = (double)(ticks % TimeSpan.TicksPerDay) / TimeSpan.TicksPerDay;
            return part switch
            {
                "hour" => (double)(ticks % TimeSpan.TicksPerHour) / TimeSpan.TicksPerHour,
                "day" => day,
                "week" => (double)(ticks % Week) / Week, // 0001-01-01 was a Monday
                "month" => (time.Day - 1 + day) / DateTime.DaysInMonth(time.Year, time.Month),
                _ => (time.DayOfYear - 1 + day) / (DateTime.IsLeapYear(time.Year) ? 366 : 365),
            };
        }
    }

    private sealed class Fitter(FeatureDefinition feature, ValueReader reader, TrainerTraits traits) : FeatureFitter(feature, reader, traits)
    {
        private bool any;
        private bool missing;

        public override FeatureFitter New() => new Fitter(Feature, Reader, Traits);

        public override void Add(RawRow row)
        {
            var present = Reader.Kind == ValueKind.Timestamp ? Reader.TryTicks(row, out _) : double.IsFinite(Reader.Number(row));
            any |= present;
            missing |= !present;
        }

        public override void Merge(FeatureFitter later)
        {
            any |= ((Fitter)later).any;
            missing |= ((Fitter)later).missing;
        }

        public override FittedFeature Finish(ModelDefinition model) => !any ? throw NoValue(model) : State("cyclic") with
        {
            Periods = Feature.Has(Key) ? Feature.Texts(Key) : [Inferred(Feature.From.Text)!.Value.ToString("R", CultureInfo.InvariantCulture)],
            // The middle of the circle is equally far from every time.
            Fill = Feature.Missing == MissingHandling.Keep || (Traits.NativeMissing && missing) ? null : 0,
        };
    }
}
