namespace Bindwise.Model.Scenarios;

/// <summary>An option's value: a number, or a text where the option takes one.</summary>
/// <param name="Number">The number; 0 where the value is a text.</param>
/// <param name="Text">The text; null where the value is a number.</param>
internal readonly record struct OptionValue(long Number, string? Text = null)
{
    /// <summary>The value of an option that is on or off: 1 or 0.</summary>
    public static OptionValue Flag(bool on) => new(on ? 1 : 0);
}
