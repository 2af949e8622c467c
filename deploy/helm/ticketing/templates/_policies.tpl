{{/* Egress to the cores that a role calls, and to the collector of traces. Arguments: root, uses. */}}
{{- define "ticketing.egress" -}}
{{- $root := .root -}}
{{- range .uses }}
- ports: [{port: {{ $root.Values.ports.grpc }}, protocol: TCP}]
  to:
    - {{- include "ticketing.peer" (dict "root" $root "name" . "component" "core") | nindent 6 }}
{{- end }}
{{- range $root.Values.targets }}
{{- $port := regexFind "[0-9]+$" . }}
- ports: [{port: {{ $port }}, protocol: TCP}] # {{ . }}
{{- end }}
{{- if $root.Values.settings.otlpEndpoint }}
- ports: [{port: {{ $root.Values.networkPolicy.telemetry.port }}, protocol: TCP}]
  {{- with $root.Values.networkPolicy.telemetry.to }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
{{- end -}}
