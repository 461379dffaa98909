namespace Serverless.Sketches;

public sealed partial class KllSketch
{
    /// <summary>Values of one weight. Ascending, but for the lowest level, which is sorted when it is full.</summary>
    private sealed class Level
    {
        private double[] values = [];

        public int Count { get; private set; }

        public ReadOnlySpan<double> Values => values.AsSpan(0, Count);

        public void Append(double value)
        {
            if (Count == values.Length) Array.Resize(ref values, Math.Max(LeastCapacity, Count * 2));
            values[Count++] = value;
        }

        public void Sort() => values.AsSpan(0, Count).Sort();

        /// <summary>Adds values; both are ascending, and stay so together, when the order is kept.</summary>
        public void Take(ReadOnlySpan<double> more, bool keepOrder)
        {
            if (more.IsEmpty) return;
            var total = Count + more.Length;
            if (total > values.Length) Array.Resize(ref values, Math.Max(total, values.Length * 2));
            if (!keepOrder || Count == 0) more.CopyTo(values.AsSpan(Count));
            else
            {
                for (int to = total - 1, a = Count - 1, b = more.Length - 1; b >= 0; to--) values[to] = a >= 0 && values[a] > more[b] ? values[a--] : more[b--];
            }

            Count = total;
        }

        /// <summary>Takes every second value out; an odd one stays. Returns how many fewer are kept in all.</summary>
        public int Halve(bool upper, out Level up)
        {
            up = new Level { values = new double[Count / 2], Count = Count / 2 };
            var first = Count & 1;
            for (var i = 0; i < up.Count; i++) up.values[i] = values[first + (2 * i) + (upper ? 1 : 0)];
            var freed = Count - first - up.Count;
            Count = first;
            return freed;
        }
    }

    /// <summary>All kept values ascending with the weights summed up to each.</summary>
    private sealed class SortedValues
    {
        private readonly double[] values;
        private readonly long[] upTo;

        public SortedValues(List<Level> levels)
        {
            values = new double[levels.Sum(l => l.Count)];
            upTo = new long[values.Length];
            var at = 0;
            for (var h = 0; h < levels.Count; h++)
            {
                levels[h].Values.CopyTo(values.AsSpan(at));
                upTo.AsSpan(at, levels[h].Count).Fill(1L << h);
                at += levels[h].Count;
            }

            Array.Sort(values, upTo);
            for (var i = 1; i < upTo.Length; i++) upTo[i] += upTo[i - 1];
        }

        public long WeightUpTo(double value)
        {
            int low = 0, high = values.Length;
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (values[middle] <= value) low = middle + 1;
                else high = middle;
            }

            return low == 0 ? 0 : upTo[low - 1];
        }

        public double Quantile(double p)
        {
            var position = p * (upTo[^1] - 1);
            var lower = (long)Math.Floor(position);
            var i = Array.BinarySearch(upTo, lower + 1);
            if (i < 0) return values[~i];
            return position == lower || i + 1 == values.Length ? values[i] : values[i] + ((position - lower) * (values[i + 1] - values[i]));
        }

        public (double[] Values, long[] Weights) Weighted()
        {
            var weights = (long[])upTo.Clone();
            for (var i = weights.Length - 1; i > 0; i--) weights[i] -= weights[i - 1];
            return ((double[])values.Clone(), weights);
        }
    }
}
