namespace Bindwise.Cli.Verbs.Lab;

/// <summary>Where scenarios are played (--on).</summary>
internal enum PlayOn : byte
{
    /// <summary>On both where the kernel lets us, else on the model alone.</summary>
    WhereItCan,

    /// <summary>On the rule model.</summary>
    Model,

    /// <summary>On the running kernel.</summary>
    Kernel,

    /// <summary>On both, side by side.</summary>
    Both,
}
