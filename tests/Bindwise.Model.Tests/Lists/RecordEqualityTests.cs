using System.Collections.Immutable;
using System.Reflection;

namespace Bindwise.Model.Tests.Lists;

/// <summary>Records with lists are equal when their values are: by themselves, records compare an ImmutableArray by the array that it wraps.</summary>
public sealed class RecordEqualityTests
{
    private const BindingFlags Members = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance;

    /// <summary>The records with lists of the namespace that users know, and what those consist of.</summary>
    public static TheoryData<string> Records => [.. Found.Select(static type => type.FullName!).Order(StringComparer.Ordinal)];

    private static readonly HashSet<Type> Found = [.. Reached().Where(static type => IsRecord(type) && type.GetProperties(Members).Any(static property => Sample.ElementOf(property.PropertyType) is not null))];

    [Theory]
    [MemberData(nameof(Records))]
    public void Record_WithLists_IsComparedByEveryValue(string record) =>
        Assert.Empty(FaultsOf(typeof(Diagnosis).Assembly.GetType(record, throwOnError: true)!));

    [Fact]
    public void Records_WithLists_AreFound() =>
        Assert.Superset(new HashSet<Type> { typeof(Diagnosis), typeof(Blocker), typeof(Owner), typeof(Peer), typeof(ProcessRecord), typeof(PortListing), typeof(ListedPort), typeof(FreePlan) }, Found);

    // What the test is for: it has to see a record that compares arrays, one that forgets a member, and one whose hash tells equal ones apart.
    [Theory]
    [InlineData(typeof(ByArray), "two with the same values are unequal")]
    [InlineData(typeof(Forgetful), "Number does not count")]
    [InlineData(typeof(Hashed), "two with the same values have different hashes")]
    public void Fault_IsSeen(Type record, string fault) => Assert.Contains(fault, FaultsOf(record));

    private static List<string> FaultsOf(Type record)
    {
        var faults = new List<string>();
        var (one, same) = (Sample.Of(record, 0), Sample.Of(record, 0));
        if (!one.Equals(same))
            faults.Add("two with the same values are unequal");
        if (one.GetHashCode() != same.GetHashCode())
            faults.Add("two with the same values have different hashes");
        foreach (var field in Sample.FieldsOf(record))
        {
            var other = Sample.Of(record, 0);
            field.SetValue(other, field.GetValue(Sample.Of(record, 1)));
            if (one.Equals(other))
                faults.Add($"{field.Name.Split('<', '>') switch { [_, var property, _] => property, _ => field.Name }} does not count");
        }
        return faults;
    }

    private static bool IsRecord(Type type) => type is { IsAbstract: false, IsGenericTypeDefinition: false }
        && type.GetMethod("PrintMembers", BindingFlags.Instance | BindingFlags.NonPublic) is not null;

    private static HashSet<Type> Reached()
    {
        var reached = new HashSet<Type>();
        var open = new Queue<Type>(typeof(Diagnosis).Assembly.GetTypes().Where(static type => !type.IsNested && type.Namespace == typeof(Diagnosis).Namespace));
        while (open.TryDequeue(out var type))
        {
            if (type.Assembly != typeof(Diagnosis).Assembly || !reached.Add(type))
                continue;
            foreach (var property in type.GetProperties(Members))
                open.Enqueue(Sample.ElementOf(property.PropertyType) ?? Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType);
        }
        return reached;
    }

    private sealed record ByArray(ImmutableArray<int> List);

    private sealed record Forgetful(ImmutableArray<int> List, int Number)
    {
        public bool Equals(Forgetful? other) => other is not null && List.SequenceEqual(other.List);

        public override int GetHashCode() => Number;
    }

    private sealed record Hashed(ImmutableArray<int> List)
    {
        public bool Equals(Hashed? other) => other is not null && List.SequenceEqual(other.List);

        public override int GetHashCode() => List.GetHashCode();
    }
}
