using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Serverless.DuckDb.Drops;

/// <summary>
/// Whether numbers and times of a text are written so plainly that the engine's casts cannot take one for what the contract does not mean, and that an integer's text is the one
/// that the engine would write. Casts also take 1.5 and 1e2 for integers, 0x1F and 1_000 for numbers, and drop what follows a time (+02, -05, Z, UTC). So no digit may stand
/// beside a letter, a point, an underscore or a plus, nor a blank apart from a letter; no minus after a blank or a part of a time; no blank beside the end of a cell; and no
/// zero begins a cell that goes on with a digit. Looked at as bytes, at some GB/s, this saves the engine a look at each cell.
/// </summary>
internal struct PlainForms
{
    private const int Reach = 3;

    private Seam before;
    private int seen;

    public PlainForms() => Holds = true;

    /// <summary>True for what was added so far. When it turns false, it stays so.</summary>
    public bool Holds { get; private set; }

    public void Add(ReadOnlySpan<byte> text)
    {
        if (!Holds || text.IsEmpty) return;
        // What straddles two parts of the text is looked at by itself.
        Span<byte> seam = stackalloc byte[Reach * 2];
        ((ReadOnlySpan<byte>)before)[..seen].CopyTo(seam);
        var more = Math.Min(Reach, text.Length);
        text[..more].CopyTo(seam[seen..]);
        Holds = All(seam[..(seen + more)]) && All(text);
        var whole = text.Length >= Reach ? text[^Reach..] : seam[Math.Max(0, seen + more - Reach)..(seen + more)];
        seen = whole.Length;
        whole.CopyTo(before);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool All(ReadOnlySpan<byte> text)
    {
        var at = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            ref var first = ref MemoryMarshal.GetReference(text);
            for (; at + Vector128<byte>.Count + Reach <= text.Length; at += Vector128<byte>.Count)
            {
                var a = Vector128.LoadUnsafe(ref first, (nuint)at);
                var b = Vector128.LoadUnsafe(ref first, (nuint)at + 1);
                var c = Vector128.LoadUnsafe(ref first, (nuint)at + 2);
                var d = Vector128.LoadUnsafe(ref first, (nuint)at + 3);
                Vector128<byte> digitA = Digit(a), digitB = Digit(b), endA = End(a), zero = Is(b, '0'), colon = Is(a, ':'), blankA = Is(a, ' '), blankB = Is(b, ' ');
                var odd = (digitA & Beside(b)) | (Beside(a) & digitB) | (digitA & blankB & Letter(c)) | (blankA & (Is(b, '-') | End(b))) | (endA & blankB)
                    | (colon & (Is(b, '-') | Is(c, '-') | Is(d, '-'))) | (endA & zero & Digit(c)) | (endA & Is(b, '-') & Is(c, '0'));
                if (odd != Vector128<byte>.Zero) return false;
            }
        }

        for (; at < text.Length; at++)
        {
            var (a, b, c, d) = (text[at], Next(text, at + 1), Next(text, at + 2), Next(text, at + 3));
            if ((IsDigit(a) && (IsBeside(b) || (b == ' ' && IsLetter(c)))) || (IsBeside(a) && IsDigit(b)) || (a == ' ' && (b == '-' || IsEnd(b))) || (IsEnd(a) && b == ' ')
                || (a == ':' && (b == '-' || c == '-' || d == '-')) || (IsEnd(a) && ((b == '0' && IsDigit(c)) || (b == '-' && c == '0'))))
            {
                return false;
            }
        }

        return true;
    }

    // Beyond a part of the text anything may follow; the seam looks at that.
    private static byte Next(ReadOnlySpan<byte> text, int at) => at < text.Length ? text[at] : (byte)'~';

    private static bool IsDigit(byte x) => char.IsAsciiDigit((char)x);

    private static bool IsLetter(byte x) => char.IsAsciiLetter((char)x);

    private static bool IsBeside(byte x) => IsLetter(x) || x is (byte)'.' or (byte)'_' or (byte)'+';

    private static bool IsEnd(byte x) => x is (byte)',' or (byte)';' or (byte)'\t' or (byte)'|' or (byte)'\n' or (byte)'\r' or (byte)'"';

    private static Vector128<byte> Is(Vector128<byte> x, char of) => Vector128.Equals(x, Vector128.Create((byte)of));

    private static Vector128<byte> Digit(Vector128<byte> x) => Vector128.LessThan(x - Vector128.Create((byte)'0'), Vector128.Create((byte)10));

    private static Vector128<byte> Letter(Vector128<byte> x) => Vector128.LessThan((x | Vector128.Create((byte)0x20)) - Vector128.Create((byte)'a'), Vector128.Create((byte)26));

    private static Vector128<byte> Beside(Vector128<byte> x) => Letter(x) | Is(x, '.') | Is(x, '_') | Is(x, '+');

    private static Vector128<byte> End(Vector128<byte> x) => Is(x, ',') | Is(x, ';') | Is(x, '\t') | Is(x, '|') | Is(x, '\n') | Is(x, '\r') | Is(x, '"');

    [InlineArray(Reach)]
    private struct Seam
    {
        private byte first;
    }
}
