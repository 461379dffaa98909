using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Serverless.Problems;

namespace Serverless.Rollouts;

/// <summary>
/// A variant flag, compiled: the same subject has the same variant in every process and as long as the shares stay, exactly as Microsoft.FeatureManagement allocates it (users, then groups,
/// then the first four bytes of SHA-256 over subject and salt as a percentage). Immutable; assigning allocates nothing.
/// </summary>
public sealed class AllocationPlan
{
    private const int OnStack = 1024;

    private readonly FrozenDictionary<string, int> users;
    private readonly (FrozenSet<string> Groups, int Variant)[] groups;
    private readonly (double From, double To, int Variant)[] ranges;
    private readonly byte[] tail;
    private readonly int enabledDefault;
    private readonly int disabledDefault;
    private readonly bool enabled;

    private AllocationPlan(Flag flag, Func<string?, int> variant)
    {
        Variants = flag.Variants;
        var byUser = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var allocation in flag.Users)
        {
            foreach (var user in allocation.Members) byUser.TryAdd(user, variant(allocation.Variant));
        }

        users = byUser.ToFrozenDictionary(StringComparer.Ordinal);
        groups = [.. flag.Groups.Select(g => (g.Members.ToFrozenSet(StringComparer.Ordinal), variant(g.Variant)))];
        ranges = [.. flag.Percentiles.Select(p => (p.From, p.To, variant(p.Variant)))];
        tail = Encoding.UTF8.GetBytes("\n" + flag.Salt);
        (enabled, enabledDefault, disabledDefault) = (flag.Enabled, variant(flag.DefaultWhenEnabled), variant(flag.DefaultWhenDisabled));
    }

    public IReadOnlyList<FlagVariant> Variants { get; }

    /// <summary>Subjects are asked about their groups.</summary>
    public bool UsesGroups => groups.Length > 0;

    /// <summary>
    /// Throws <see cref="DataException"/> that says everything that is wrong: shares that leave a gap, overlap or do not add up to 100, variants that do not exist, no default.
    /// </summary>
    public static AllocationPlan Compile(Flag flag)
    {
        var problems = new List<string>();
        var names = flag.Variants.Select(v => v.Name).ToList();
        foreach (var twice in names.GroupBy(n => n).Where(g => g.Count() > 1)) problems.Add($"variant '{twice.Key}' is there twice");
        var known = names.Distinct().Select((n, i) => (n, i)).ToDictionary(n => n.n, n => n.i, StringComparer.Ordinal);
        int Variant(string? name)
        {
            if (name is not null && known.TryGetValue(name, out var index)) return index;
            problems.Add(name is null ? "it has no default variant (default_when_enabled, default_when_disabled)" : $"it names a variant '{name}' that it does not have.{Suggest.Hint(name, known.Keys)}");
            return 0;
        }

        Shares(flag, problems);
        var plan = new AllocationPlan(flag, Variant);
        return problems.Count == 0 ? plan : throw new DataException($"flag '{flag.Id}': {string.Join("; ", problems.Distinct())}");
    }

    /// <param name="subject">Whom the prediction is about or for.</param>
    /// <param name="memberOf">Groups of the subject; null = none.</param>
    public Assignment Assign(string subject, IReadOnlyList<string>? memberOf = null)
    {
        var hash = Hash(subject);
        if (!enabled) return new Assignment(disabledDefault, AssignmentReason.Off, hash);
        if (users.TryGetValue(subject, out var named)) return new Assignment(named, AssignmentReason.User, hash);
        if (memberOf is not null)
        {
            foreach (var (members, variant) in groups)
            {
                for (var i = 0; i < memberOf.Count; i++) if (members.Contains(memberOf[i])) return new Assignment(variant, AssignmentReason.Group, hash);
            }
        }

        var percentage = Percentage(hash);
        foreach (var (from, to, variant) in ranges)
        {
            if (percentage >= from && (percentage < to || to == 100)) return new Assignment(variant, AssignmentReason.Percentile, hash);
        }

        return new Assignment(enabledDefault, AssignmentReason.Default, hash);
    }

    /// <summary>Where a subject stands between 0 and 100, as Microsoft.FeatureManagement computes it.</summary>
    public static double Percentage(ulong hash) => BinaryPrimitives.ReverseEndianness((uint)(hash >> 32)) / (double)uint.MaxValue * 100;

    // The first 8 bytes of SHA-256, read so that their hexadecimal form is the beginning of the digest's.
    private ulong Hash(string subject)
    {
        var most = Encoding.UTF8.GetMaxByteCount(subject.Length) + tail.Length;
        byte[]? rented = null;
        var buffer = most <= OnStack ? stackalloc byte[OnStack] : rented = ArrayPool<byte>.Shared.Rent(most);
        var length = Encoding.UTF8.GetBytes(subject, buffer);
        tail.CopyTo(buffer[length..]);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(buffer[..(length + tail.Length)], digest);
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        return BinaryPrimitives.ReadUInt64BigEndian(digest);
    }

    private static void Shares(Flag flag, List<string> problems)
    {
        foreach (var range in flag.Percentiles)
        {
            if (!(range.From >= 0 && range.To <= 100 && range.From <= range.To)) problems.Add(string.Create(CultureInfo.InvariantCulture, $"the share of '{range.Variant}' from {range.From} to {range.To} is none"));
        }

        if (problems.Count > 0 || flag.Percentiles.Count == 0) return;
        double sum = flag.Percentiles.Sum(p => p.To - p.From), end = 0;
        foreach (var range in flag.Percentiles.Where(p => p.To > p.From).OrderBy(p => p.From))
        {
            if (range.From != end)
            {
                problems.Add(string.Create(CultureInfo.InvariantCulture, $"the shares {(range.From > end ? "leave a gap" : "overlap")} at {Math.Min(range.From, end)}; they add up to {sum}"));
                return;
            }

            end = range.To;
        }

        if (end != 100) problems.Add(string.Create(CultureInfo.InvariantCulture, $"the shares add up to {sum}, not to 100"));
    }
}

/// <param name="Variant">Index among the flag's variants.</param>
/// <param name="Hash">Of the subject, salted for this rollout: its first 8 bytes, big-endian.</param>
public readonly record struct Assignment(int Variant, AssignmentReason Reason, ulong Hash);

/// <summary>Why a subject has its variant.</summary>
public enum AssignmentReason
{
    /// <summary>No allocation applied.</summary>
    Default,

    /// <summary>Named.</summary>
    User,

    /// <summary>Member of a named group.</summary>
    Group,

    /// <summary>By its hash.</summary>
    Percentile,

    /// <summary>The flag is switched off.</summary>
    Off,

    /// <summary>Outside of the part of its layer that this rollout has.</summary>
    Outside,

    /// <summary>By the hash of the request: it had no subject.</summary>
    NoSubject,

    /// <summary>The variant threw an exception; the champion answered.</summary>
    FellBackError,

    /// <summary>The variant had no finite answer; the champion answered.</summary>
    FellBackNotFinite,

    /// <summary>The variant did not take the row; the champion answered.</summary>
    FellBackRefused,

    /// <summary>The variant did not answer in time; the champion answered.</summary>
    FellBackTooSlow,

    /// <summary>The variant hung in this process before and is not asked any more; the champion answered.</summary>
    FellBackSuspended,
}

/// <summary>The reasons as words, made once.</summary>
public static class AssignmentReasons
{
    private static readonly string[] Words = [.. Enum.GetValues<AssignmentReason>().Select(r => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(r.ToString()))];

    public static string Word(this AssignmentReason reason) => Words[(int)reason];
}
