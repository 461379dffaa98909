using System.Buffers;
using System.Globalization;
using System.Text;

namespace Serverless.Features;

/// <summary>Takes the n-grams of a text one after another; the span is valid during the call only.</summary>
internal interface INGramSink
{
    void Add(ReadOnlySpan<char> gram);
}

/// <summary>
/// Cuts a text into n-grams, in lower case (invariant). Words are runs of letters, digits, marks and underscores, whatever the script, joined by one blank; characters are
/// code points, blanks included, with runs of white space as one blank. Buffers are rented, so a text costs no garbage.
/// </summary>
internal static class NGrams
{
    public static void Visit<T>(string text, bool characters, int from, int to, ref T sink) where T : INGramSink, allows ref struct
    {
        var buffer = ArrayPool<char>.Shared.Rent(Math.Max(1, text.Length));
        var (starts, ends) = (ArrayPool<int>.Shared.Rent(text.Length + 1), ArrayPool<int>.Shared.Rent(text.Length + 1));
        var lower = buffer.AsSpan(0, text.AsSpan().ToLowerInvariant(buffer));
        var units = characters ? CodePoints(lower, starts, ends) : Words(lower, starts, ends);
        for (var n = from; n <= to; n++)
        {
            for (var i = 0; i + n <= units; i++) sink.Add(buffer.AsSpan(starts[i]..ends[i + n - 1]));
        }

        ArrayPool<char>.Shared.Return(buffer);
        ArrayPool<int>.Shared.Return(starts);
        ArrayPool<int>.Shared.Return(ends);
    }

    /// <summary>Moves the words together, one blank between them, and says where each lies.</summary>
    private static int Words(Span<char> text, int[] starts, int[] ends)
    {
        var (count, write, within) = (0, 0, false);
        for (var read = 0; read < text.Length;)
        {
            var length = Rune.DecodeFromUtf16(text[read..], out var rune, out var used) == OperationStatus.Done ? used : 0;
            if (length > 0 && IsWord(rune))
            {
                if (!within)
                {
                    if (count > 0) text[write++] = ' ';
                    starts[count] = write;
                }

                within = true;
                text.Slice(read, length).CopyTo(text[write..]);
                write += length;
                ends[count] = write;
            }
            else if (within)
            {
                within = false;
                count++;
            }

            read += Math.Max(1, used);
        }

        return within ? count + 1 : count;
    }

    private static int CodePoints(Span<char> text, int[] starts, int[] ends)
    {
        var (count, write, blank) = (0, 0, false);
        for (var read = 0; read < text.Length;)
        {
            Rune.DecodeFromUtf16(text[read..], out var rune, out var used);
            var isBlank = Rune.IsWhiteSpace(rune);
            if (!isBlank || !blank)
            {
                starts[count] = write;
                if (isBlank) text[write++] = ' ';
                else
                {
                    text.Slice(read, used).CopyTo(text[write..]);
                    write += used;
                }

                ends[count++] = write;
            }

            blank = isBlank;
            read += Math.Max(1, used);
        }

        return count;
    }

    private static bool IsWord(Rune rune) => Rune.IsLetterOrDigit(rune) || rune.Value == '_'
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
