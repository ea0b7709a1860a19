import type { ComponentChildren } from "preact";

function Icon({ children, size = 16 }: { children: ComponentChildren; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 16 16" fill="none" stroke="currentColor"
      stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
      {children}
    </svg>
  );
}

// Logo is a stroke that is carried upward.
export const Logo = () => (
  <svg class="logo" width="22" height="22" viewBox="0 0 24 24" fill="none" stroke="currentColor"
    stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
    <path d="M3 20c7 0 11-4 13-15M10 9l6-5 5 6" />
  </svg>
);

export const TracesIcon = () => <Icon><path d="M2 3.5h7M5 8h8M8 12.5h6" /></Icon>;
export const MapIcon = () => (
  <Icon><circle cx="3.5" cy="8" r="2" /><circle cx="12.5" cy="3.5" r="2" /><circle cx="12.5" cy="12.5" r="2" /><path d="M5.3 7.1l5.4-2.7M5.3 8.9l5.4 2.7" /></Icon>
);
export const LogsIcon = () => <Icon><path d="M2.5 3h11M2.5 6.3h8M2.5 9.7h11M2.5 13h6" /></Icon>;
export const MetricsIcon = () => <Icon><path d="M2 2v12h12M4.5 10.5l3-4 2.5 2 4-5.5" /></Icon>;
export const SamplingIcon = () => <Icon><path d="M2 3h12L9.5 8.5V13l-3 1V8.5z" /></Icon>;
export const RefusedIcon = () => <Icon><circle cx="8" cy="8" r="6" /><path d="M4 12l8-8" /></Icon>;
export const SunIcon = () => (
  <Icon><circle cx="8" cy="8" r="3" /><path d="M8 1.2v1.6M8 13.2v1.6M1.2 8h1.6M13.2 8h1.6M3.2 3.2l1.1 1.1M11.7 11.7l1.1 1.1M12.8 3.2l-1.1 1.1M4.3 11.7l-1.1 1.1" /></Icon>
);
export const MoonIcon = () => <Icon><path d="M13.5 9.6A5.8 5.8 0 0 1 6.4 2.5a5.8 5.8 0 1 0 7.1 7.1z" /></Icon>;
export const PauseIcon = () => <Icon><path d="M5.5 3v10M10.5 3v10" /></Icon>;
export const PlayIcon = () => <Icon><path d="M4.5 2.8l8 5.2-8 5.2z" /></Icon>;
export const CopyIcon = () => <Icon><rect x="5.5" y="5.5" width="8" height="8" rx="1.5" /><path d="M10.5 3.5v-.2c0-.7-.6-1.3-1.3-1.3H3.8c-.7 0-1.3.6-1.3 1.3v5.9c0 .7.6 1.3 1.3 1.3H4" /></Icon>;
export const CheckIcon = () => <Icon><path d="M3 8.5l3.2 3.2L13 4.8" /></Icon>;
export const CloseIcon = () => <Icon><path d="M3.5 3.5l9 9M12.5 3.5l-9 9" /></Icon>;
export const ChevronIcon = () => <Icon size={12}><path d="M6 3.5L10.5 8 6 12.5" /></Icon>;
export const SearchIcon = () => <Icon><circle cx="7" cy="7" r="4.5" /><path d="M10.4 10.4L14 14" /></Icon>;
export const LinkIcon = () => <Icon size={13}><path d="M9 2.5h4.5V7M13.2 2.8L7.5 8.5M11 9.5v3c0 .6-.4 1-1 1H3.5c-.6 0-1-.4-1-1V6c0-.6.4-1 1-1h3" /></Icon>;
