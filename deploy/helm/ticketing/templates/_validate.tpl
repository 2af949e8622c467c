{{/* What a schema cannot see. Each refusal names the value and says what to do. */}}
{{- define "ticketing.validate" -}}
{{- $services := include "ticketing.services" . | fromYaml -}}
{{- $known := keys $services | sortAlpha -}}
{{- $enabled := list -}}
{{- range $name, $service := $services }}
{{- if $service.enabled }}{{ $enabled = append $enabled $name }}{{ end }}
{{- range $role := list "core" "web" "live" }}
{{- range (get $service $role).uses }}
{{- if not (has . $known) }}
{{- fail (printf "services.%s.%s.uses names %q, which is no service: it must be one of %s" $name $role . (join ", " $known)) }}
{{- end }}
{{- if and (eq $role "core") (eq . $name) }}
{{- fail (printf "services.%s.core.uses names %s itself" $name $name) }}
{{- end }}
{{- end }}
{{- $scaling := (get $service $role).autoscaling }}
{{- if and $scaling.enabled (gt ($scaling.minReplicas | int) ($scaling.maxReplicas | int)) }}
{{- fail (printf "services.%s.%s.autoscaling: minReplicas (%v) is above maxReplicas (%v)" $name $role $scaling.minReplicas $scaling.maxReplicas) }}
{{- end }}
{{- end }}
{{- if and $service.enabled (not $service.existingSecret) }}
{{- $needed := concat (list "DATABASE_URL") (ternary (list "MIGRATE_DATABASE_URL") list $service.migrate.enabled) $service.secretKeys }}
{{- $missing := without $needed "" }}
{{- range keys $service.secret }}{{ $missing = without $missing . }}{{ end }}
{{- if $missing }}
{{- fail (printf "services.%s: give existingSecret, a Secret with the keys %s; or else secret.%s" $name (join ", " $needed) (join ", secret." $missing)) }}
{{- end }}
{{- end }}
{{- if le ($service.terminationGracePeriodSeconds | int) (add 10 $service.preStopSeconds | int) }}
{{- fail (printf "services.%s.terminationGracePeriodSeconds must be above %v: preStopSeconds and the 10 seconds in which calls under way are finished" $name (add 10 $service.preStopSeconds)) }}
{{- end }}
{{- end }}
{{- if not $enabled }}
{{- fail "no service is enabled: set services.<name>.enabled to true for at least one" }}
{{- end }}
{{- if not .Values.shared.existingSecret }}
{{- $missing := list "NATS_URL" "REDIS_URL" "SERVICE_SECRET" "WEB_SECRET_KEY" }}
{{- range keys .Values.shared.secret }}{{ $missing = without $missing . }}{{ end }}
{{- if $missing }}
{{- fail (printf "shared: give existingSecret, a Secret with the keys NATS_URL, REDIS_URL, SERVICE_SECRET, WEB_SECRET_KEY; or else shared.secret.%s" (join ", shared.secret." $missing)) }}
{{- end }}
{{- end }}
{{- range $name, $_ := .Values.targets }}
{{- if not (has $name $known) }}
{{- fail (printf "targets names %q, which is no service: it must be one of %s" $name (join ", " $known)) }}
{{- end }}
{{- end }}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) }}
{{- fail "ingress.host is needed when ingress.enabled is true" }}
{{- end }}
{{- if and .Values.bootstrap.existingSecret (not (has "accounts" $enabled)) }}
{{- fail "bootstrap.existingSecret makes the first administrator, but services.accounts.enabled is false in this release" }}
{{- end }}
{{- if and .Values.till.enabled (not .Values.till.enrolmentSecret) }}
{{- fail "till.enrolmentSecret is needed when till.enabled is true: a Secret with the key CODE" }}
{{- end }}
{{- end -}}
