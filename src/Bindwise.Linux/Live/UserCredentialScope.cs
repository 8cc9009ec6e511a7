using Bindwise.Linux.Native;

namespace Bindwise.Linux.Live;

/// <summary>A span in which the calling thread, and it alone, acts as another user without any capability.</summary>
internal readonly ref struct UserCredentialScope
{
    private readonly uint _home;
    private readonly bool _isOther;

    private UserCredentialScope(uint home, bool isOther)
    {
        _home = home;
        _isOther = isOther;
    }

    /// <summary>Begins it.</summary>
    /// <param name="user">As whom; null for the one that plays.</param>
    /// <param name="home">The one that plays.</param>
    /// <exception cref="LiveUnavailableException">The kernel does not let this process act as that user.</exception>
    internal static UserCredentialScope Begin(uint? user, uint home)
    {
        if (user is not { } other || other == home)
            return new UserCredentialScope(home, isOther: false);
        var errno = EffectiveUserCall.Become(other);
        return errno switch
        {
            Errno.None => new UserCredentialScope(home, isOther: true),
            Errno.EINVAL => throw new LiveUnavailableException($"the user {other} does not exist in this user namespace: run it as root"),
            Errno.EPERM => throw new LiveUnavailableException($"acting as the user {other} needs root (CAP_SETUID)"),
            _ => throw new LiveUnavailableException($"acting as the user {other} is not possible: {errno}"),
        };
    }

    /// <summary>Ends it.</summary>
    public void Dispose()
    {
        // The saved user is still the one that plays, so the kernel cannot refuse; a thread that stayed another would falsify all that follows.
        if (_isOther && EffectiveUserCall.Become(_home) is var errno && errno != Errno.None)
            throw new LiveUnavailableException($"cannot switch back to the user {_home}: {errno}");
    }
}
