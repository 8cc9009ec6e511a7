using Bindwise.Linux.Accounts;

namespace Bindwise.Linux.Subjects;

/// <summary>
/// A span in which the calling thread, and it alone, has another effective user and other effective capabilities: a probe in it is answered
/// as the program would be. Only the effective ones change, so the way back needs no right.
/// </summary>
internal readonly ref struct CredentialScope
{
    private readonly uint _home;
    private readonly ulong _capabilities;
    private readonly GroupList? _groups;
    private readonly bool _isOther;

    private CredentialScope(uint home, ulong capabilities, GroupList? groups) =>
        (_home, _capabilities, _groups, _isOther) = (home, capabilities, groups, true);

    /// <param name="user">The effective user, also the one that sockets belong to.</param>
    /// <param name="capabilities">The effective capabilities, as far as this process is permitted them.</param>
    /// <param name="groups">The groups; null to leave them as they are, since bind() to a port does not ask for them.</param>
    /// <param name="obstacle">Why it cannot be, one clause; null when it has begun.</param>
    internal static CredentialScope Begin(uint user, ulong capabilities, GroupList? groups, out string? obstacle)
    {
        obstacle = null;
        var home = EffectiveIds.User();
        if (CapabilityCall.Effective(out var before) is var unread && unread != Errno.None)
        {
            obstacle = $"its own capabilities cannot be read ({unread})";
            return default;
        }
        var ownGroups = groups is null ? null : new GroupList(EffectiveIds.Group(), EffectiveIds.Groups());
        var rights = new CredentialScope(home, before, ownGroups);
        var errno = groups is null ? Errno.None : Become(groups);
        if (errno == Errno.None && user != home)
            errno = EffectiveIds.SetUser(user);
        if (errno != Errno.None)
        {
            obstacle = errno switch
            {
                Errno.EINVAL => $"the user {user} does not exist in this user namespace",
                Errno.EPERM => $"acting as user {user} needs root (CAP_SETUID)",
                _ => $"acting as user {user} is not possible ({errno})",
            };
            rights.Dispose();
            return default;
        }
        errno = CapabilityCall.Become(capabilities, out _);
        if (errno == Errno.None)
            return rights;
        rights.Dispose();
        obstacle = $"the capabilities cannot be set ({errno})";
        return default;
    }

    /// <exception cref="InspectionException">The way back is barred; all that follows on this thread
    /// would be another user's answer.</exception>
    public void Dispose()
    {
        if (!_isOther)
            return;
        var errno = EffectiveIds.User() == _home ? Errno.None : EffectiveIds.SetUser(_home);
        // After the user, whose change gives and takes capabilities by itself.
        if (errno == Errno.None)
            errno = CapabilityCall.Become(_capabilities, out _);
        if (errno == Errno.None && _groups is not null)
            errno = Become(_groups);
        if (errno != Errno.None)
            throw new InspectionException($"cannot switch back to the user {_home}: {errno}");
    }

    private static Errno Become(GroupList groups)
    {
        // What is so already needs no right.
        var errno = EffectiveIds.Groups().AsSpan().SequenceEqual(groups.Others) ? Errno.None : EffectiveIds.SetGroups(groups.Others);
        return errno != Errno.None || EffectiveIds.Group() == groups.Effective ? errno : EffectiveIds.SetGroup(groups.Effective);
    }
}
