{{/* The name that all releases of one suite share. */}}
{{- define "ticketing.suite" -}}
{{ .Values.suiteName | default .Release.Name }}
{{- end -}}

{{/* Every service with the defaults merged in, as YAML: for fromYaml. */}}
{{- define "ticketing.services" -}}
{{- range $name, $own := .Values.services }}
{{ $name }}:
  {{- mergeOverwrite (deepCopy $.Values.serviceDefaults) (deepCopy $own) | toYaml | nindent 2 }}
{{- end }}
{{- end -}}

{{/* What a selector matches, and never changes. Arguments: root, name, component. */}}
{{- define "ticketing.selector" -}}
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* Pods of a service in any release of the suite: for network policies. Arguments: root, name, component. */}}
{{- define "ticketing.peer" -}}
podSelector:
  matchLabels:
    app.kubernetes.io/part-of: {{ include "ticketing.suite" .root }}
    app.kubernetes.io/name: {{ .name }}
    app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "ticketing.labels" -}}
{{ include "ticketing.selector" . }}
app.kubernetes.io/part-of: {{ include "ticketing.suite" .root }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end -}}

{{/* Arguments: root, name, image (repository and tag, both may be empty). */}}
{{- define "ticketing.image" -}}
{{- $shared := .root.Values.image -}}
{{ .image.repository | default (print $shared.prefix .name) }}:{{ .image.tag | default $shared.tag | default .root.Chart.AppVersion }}
{{- end -}}

{{/* Where a service listens for calls. Arguments: root, name. */}}
{{- define "ticketing.target" -}}
{{ get .root.Values.targets .name | default (printf "grpc://%s-%s:%v" (include "ticketing.suite" .root) .name .root.Values.ports.grpc) }}
{{- end -}}

{{/* The Secret of one service, or of the suite under the name "shared". Arguments: root, name, from. */}}
{{- define "ticketing.secret" -}}
{{ .from.existingSecret | default (printf "%s-%s" .root.Release.Name .name) }}
{{- end -}}
