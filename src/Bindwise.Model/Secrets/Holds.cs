namespace Bindwise.Model.Secrets;

/// <summary>What one argument of a known program holds.</summary>
internal enum Holds
{
    /// <summary>This program says nothing of it: the option's name decides.</summary>
    Unknown,

    /// <summary>Nothing secret, whatever the name says.</summary>
    Nothing,

    Secret,

    /// <summary>user:password, or user%password.</summary>
    Login,

    /// <summary>user/password, as Oracle's tools have it.</summary>
    SlashLogin,

    /// <summary>user,password, as lftp has it.</summary>
    CommaLogin,

    /// <summary>file:password, as curl's --cert has it.</summary>
    FileLogin,

    /// <summary>name=value, where every value is a secret.</summary>
    Pair,
}
