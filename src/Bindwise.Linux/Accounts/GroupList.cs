using System.Buffers.Text;
using Bindwise.Linux.Text;

namespace Bindwise.Linux.Accounts;

/// <summary>A program's groups: they decide, beside its user, what it may do in a folder.</summary>
internal sealed record GroupList(uint Effective, uint[] Others)
{
    /// <summary>Those of a user, as a login would give them (initgroups(3)): from /etc/passwd and /etc/group.</summary>
    /// <param name="user">The user; one without an entry gets the group of the same number.</param>
    internal static GroupList OfUser(uint user) =>
        OfUser(user, ConfigurationFile.Read("/etc/passwd\0"u8), ConfigurationFile.Read("/etc/group\0"u8));

    internal static GroupList OfUser(uint user, ReadOnlySpan<byte> passwd, ReadOnlySpan<byte> group)
    {
        foreach (var range in passwd.Split((byte)'\n'))
        {
            var line = passwd[range];
            // name:password:uid:gid:…
            if (Field(line, 2, out var uid) && Field(line, 3, out var gid) && Field(line, 0, out var name)
                && TryNumber(uid, out var number) && number == user && TryNumber(gid, out var own))
                return new GroupList(own, OthersOf(name, own, group));
        }
        return new GroupList(user, []);
    }

    private static uint[] OthersOf(ReadOnlySpan<byte> name, uint own, ReadOnlySpan<byte> group)
    {
        var others = new List<uint>();
        foreach (var range in group.Split((byte)'\n'))
        {
            var line = group[range];
            // name:password:gid:member,member
            if (!Field(line, 2, out var gid) || !TryNumber(gid, out var number) || number == own || !Field(line, 3, out var members))
                continue;
            foreach (var part in members.Split((byte)','))
            {
                if (members[part].SequenceEqual(name))
                    others.Add(number);
            }
        }
        return [.. others];
    }

    private static bool TryNumber(ReadOnlySpan<byte> text, out uint number) =>
        Utf8Parser.TryParse(text, out number, out var used) && used == text.Length;

    private static bool Field(ReadOnlySpan<byte> line, int index, out ReadOnlySpan<byte> field)
    {
        field = default;
        var at = 0;
        foreach (var part in line.Split((byte)':'))
        {
            if (at++ != index)
                continue;
            field = line[part];
            return true;
        }
        return false;
    }
}
